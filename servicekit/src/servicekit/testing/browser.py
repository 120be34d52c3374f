"""A headless Chromium that is driven as a person drives one: it clicks and types. Spoken to over its debugging pipe."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT_S = 60.0


class Browser:
    """One page of one browser. Raises TimeoutError when it does not answer, LookupError for what is not on the page."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        (our_read, its_write), (its_read, our_write) = os.pipe(), os.pipe()
        its_read, its_write = _moved(its_read), _moved(its_write)
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        # It reads commands from descriptor 3 and writes to 4; the shell moves ours there.
        redirect = f'exec "$@" 3<&{its_read} 4>&{its_write} {its_read}<&- {its_write}>&-'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", redirect, "bash", *command],
            pass_fds=(its_read, its_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_read)
        os.close(its_write)
        self._read, self._write = our_read, our_write
        self._unread = b""
        self._count = 0
        self._loads = 0
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol and its result."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (said := self._message()).get("id") != self._count:
            pass
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    def size(self, width: int, height: int) -> None:
        """Make the window that large; narrow ones are phones."""
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def open(self, url: str) -> None:
        """Go there, and wait until it is drawn."""
        before = self._loads
        self.call("Page.navigate", url=url)
        self._until_loaded(before)

    def click(self, selector: str, text: str = "", leads_on: bool = True) -> None:
        """Click the middle of the first visible element of that selector and text; wait for the page it leads to."""
        script = """(() => { for (const one of document.querySelectorAll(%s)) {
            const box = one.getBoundingClientRect();
            if (box.width && one.textContent.includes(%s)) {
                one.scrollIntoView({block: "center"});
                const seen = one.getBoundingClientRect();
                return [seen.x + seen.width / 2, seen.y + seen.height / 2];
            } } })()"""
        where = self.evaluate(script % (json.dumps(selector), json.dumps(text)))
        if where is None:
            raise LookupError(f"no {selector} {text!r} is to be seen")
        before = self._loads
        for act in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=act, x=where[0], y=where[1], button="left", clickCount=1)
        if leads_on:
            self._until_loaded(before)

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def evaluate(self, script: str) -> Any:
        """What a line of script says of the page; the page itself runs none."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"]
        return result.get("value")

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def _until_loaded(self, before: int) -> None:
        while self._loads == before:
            self._message()

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._read, 1 << 16) if ready else b""
            if not data:
                raise TimeoutError("the browser does not answer")
            self._unread += data
        raw, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        self._loads += message.get("method") == "Page.loadEventFired"
        return message

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._write)  # it leaves when nobody commands it any more
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)


def _moved(descriptor: int) -> int:
    """The same file under a number that is not the one it shall have in the browser."""
    moved: int = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    return moved

"""What a person's first wrong try meant: argparse says that it is wrong, this says what to write."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHER_WORDS: Final = {
    "serve": "run",
    "start": "run",
    "up": "run",
    "validate": "check",
    "lint": "check",
    "verify": "check",
    "list": "routes",
    "ls": "routes",
    "match": "explain",
    "trace": "explain",
    "compare": "diff",
    "new": "init",
    "help": "--help",
}
_CHOICE: Final = re.compile(r"argument COMMAND: invalid choice: '([^']*)'")
_NEEDS: Final = {
    "explain": "write the method too, as in: moongate explain GET /api/cars",
    "diff": "name two configs, as in: moongate diff gateway.yaml next.yaml; "
    "`git show HEAD:gateway.yaml > old.yaml` brings back an old one",
}
_BY_OPTION: Final = ("explain", "can", "who-can")
_WITHOUT_CONFIG: Final = {
    "test": "files of cases say themselves which config they are about, as in config: gateway.yaml",
    "reload": "the running gateway knows where its config is; --admin URL says which gateway",
    "diff": _NEEDS["diff"],
    "schema": "the schema is the same for every config",
}
_CONFIG_OPTIONS: Final = ("--config", "-c", "-f", "--file")


class Parser(argparse.ArgumentParser):
    """Tells one line and a hint instead of a page of usage. ``arguments`` are the whole command line's, where known."""

    arguments: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

    def error(self, message: str) -> NoReturn:
        hint = next(self._hints(message), f"{self.prog} --help says what there is")
        told = _CHOICE.match(message)
        self.exit(2, f"{self.prog}: {f'no command is called {told[1]!r}' if told else message}; {hint}\n")

    def _hints(self, message: str) -> Iterator[str]:
        if choice := _CHOICE.match(message):
            yield from self._meant(choice[1])
        elif message.endswith("required: COMMAND"):
            yield f"one of {', '.join(self.commands)}; moongate --help says what they do"
        elif "are required" in message:
            command = self.prog.rpartition(" ")[2]
            if command in _NEEDS:
                yield _NEEDS[command]
        elif message.startswith("unrecognized arguments: "):
            yield from self._unrecognized(message.partition(": ")[2].split(" "))

    def _meant(self, word: str) -> Iterator[str]:
        if word in _OTHER_WORDS:
            yield f"did you mean moongate {_OTHER_WORDS[word]}?"
        if Path(word).is_file() or Path(word).is_dir():
            yield f"to serve this config: moongate run {word}"
        for near in difflib.get_close_matches(word, self.commands, n=1):
            yield f"did you mean moongate {near}?"
        yield f"there are {', '.join(self.commands)}"

    def _unrecognized(self, extra: list[str]) -> Iterator[str]:
        command = next((each for each in self.arguments if each in self.commands), "")
        following = self.arguments[self.arguments.index(extra[0]) + 1 :][:1] if extra[0] in self.arguments else ()
        if command in _BY_OPTION and not extra[0].startswith("-"):
            yield f"a config is named by an option here: --config {extra[0]}"
        if command in _WITHOUT_CONFIG and (extra[0] in _CONFIG_OPTIONS or not extra[0].startswith("-")):
            yield _WITHOUT_CONFIG[command]
        if extra[0] in _CONFIG_OPTIONS:
            name = (*following, "CONFIG")[0]
            if command in _BY_OPTION:
                yield f"a config is named with --config {name}"
            yield f"a config is named without an option: moongate {command} {name}"
        if extra[0] in ("--port", "-p", "--host", "--listen"):
            port = following[0] if following and following[0].isdigit() else "8080"
            yield f"say where to listen with --bind 127.0.0.1:{port}"
        if command in ("check", "routes", "run") and not extra[0].startswith("-"):
            yield "one config at a time; several files that make up one stand in a directory"
        yield f"moongate {command} --help says what there is".replace("  ", " ")

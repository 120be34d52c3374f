"""A real `accounts serve` process that was bootstrapped, and its credentials."""

import json
from typing import Self

import httpx

from servicekit.testing.careful import careful_http
from servicekit.testing.served import Served


class ServedAccounts(Served):
    """`with ServedAccounts() as served:` then use `served.admin()` and `served.gateway()`. Leaves nothing behind."""

    def __init__(self, database_url: str | None = None, environ: dict[str, str] | None = None) -> None:
        super().__init__("accounts", database_url, environ)
        self.pepper_file = self.directory / "peppers"
        self.gateway_file = self.directory / "gateway.token"
        self.environ["ACCOUNTS_PEPPER_FILE"] = str(self.pepper_file)
        self.admin_token = ""

    def start(self) -> Self:
        """Migrate, bootstrap where nobody did, and serve."""
        for arguments in (
            ("migrate",),
            ("bootstrap", "--if-needed", "--json", "--gateway-file", str(self.gateway_file)),
        ):
            ran = self.command(*arguments)
            assert ran.returncode == 0, ran.stderr
        self.admin_token = json.loads(ran.stdout).get("admin_token", self.admin_token)
        return super().start()

    def admin(self) -> httpx.Client:
        """A careful client with an admin's token."""
        return careful_http(self.base_url, headers={"Authorization": f"Bearer {self.admin_token}"})

    def gateway(self) -> httpx.Client:
        """A client with a gateway's credential."""
        text = self.gateway_file.read_text().strip()
        return httpx.Client(base_url=self.base_url, timeout=60, headers={"Authorization": f"Bearer {text}"})

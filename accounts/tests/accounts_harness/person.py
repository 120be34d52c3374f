"""Somebody at the pages, without a socket: sees them, and sends their forms."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CODE = re.compile(r'name="form_code" value="([0-9a-f]{64})"')


@dataclass
class Person:
    """`code` goes with each form that `send` sends."""

    client: FlaskClient
    code: str = ""

    def see(self, path: str) -> str:
        """The page at a path."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={"form_code": self.code, **fields})

    def do(self, path: str, **fields: Any) -> str:
        """Send a form that is taken: where it leads to."""
        answer = self.send(path, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].partition("#")[0]

    def sign_in(self, **fields: str) -> TestResponse:
        """Come in with `token`, or with `name` and `password`."""
        answer = self.client.post("/sign-in", data=fields)
        if answer.status_code == 303:
            found = CODE.search(self.see("/"))
            assert found
            self.code = found[1]
        return answer

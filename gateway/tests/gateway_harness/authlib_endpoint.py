"""An introspection endpoint that is not ours: Authlib's, in a process of its own, since Authlib warns of itself.

Run as a program it prints the port that it listens on. The token ``good`` is ada's; the only one who may ask is
CLIENT. It takes what stands in HTTP Basic as it is, and does not decode it as RFC 6749 section 2.3.1 has it, so an odd
secret has to be posted.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, PLAIN_SECRET, ODD_SECRET = "gateway", "plain-secret", "s:e cret+/=é"


@contextlib.contextmanager
def authlib_endpoint() -> Iterator[str]:
    """Its URL; the path is /introspect."""
    command = (sys.executable, "-W", "ignore", str(Path(__file__)))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        with process.stdout:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(15)


def main() -> None:
    import time
    from wsgiref.simple_server import make_server

    from authlib.integrations.flask_oauth2 import AuthorizationServer
    from authlib.oauth2.rfc6749 import ClientMixin
    from authlib.oauth2.rfc7662 import IntrospectionEndpoint
    from flask import Flask

    class Asker(ClientMixin):  # type: ignore[misc]
        def check_client_secret(self, client_secret: str) -> bool:
            return client_secret in (PLAIN_SECRET, ODD_SECRET)

        def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
            return True

    class Endpoint(IntrospectionEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

        def query_token(self, token_string: str, token_type_hint: str) -> Any:
            return self if token_string == "good" and token_type_hint == "access_token" else None

        def check_permission(self, token: Any, client: Any, request: Any) -> bool:
            return True

        def introspect_token(self, token: Any) -> dict[str, Any]:
            now = int(time.time())
            told = {"client_id": "app", "username": "ada", "scope": "read", "exp": now + 300, "iat": now}
            return {"active": True, **told}

        def is_expired(self) -> bool:
            return False

        def is_revoked(self) -> bool:
            return False

    app = Flask(__name__)
    server = AuthorizationServer(
        app, query_client=lambda name: Asker() if name == CLIENT else None, save_token=lambda *_: None
    )
    server.register_endpoint(Endpoint)
    app.add_url_rule(
        "/introspect", view_func=lambda: server.create_endpoint_response("introspection"), methods=["POST"]
    )
    with make_server("127.0.0.1", 0, app) as serving:
        print(serving.server_port, flush=True)
        serving.serve_forever()


if __name__ == "__main__":
    main()

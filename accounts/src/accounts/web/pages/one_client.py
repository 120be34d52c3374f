"""The page of one client, which every form on it leads back to."""

from typing import Any

from flask import g
from werkzeug.wrappers import Response

from accounts.domain.client import Client
from accounts.domain.credentials import ENV_PATTERN
from accounts.domain.key import MAX_OVERLAP_S, ApiKey
from accounts.service import clients
from accounts.service.ports import Transaction
from accounts.web.pages.forms import Refused
from accounts.web.pages.shell import Shell, page

MAX_CHOICES = 500
"""Plans and roles to choose from; the command line has no such limit."""
OVERLAPS = {"0": "at once", "3600": "after an hour", "86400": "after a day", str(MAX_OVERLAP_S): "after 30 days"}
"""By seconds, how long a rotated key lives on."""


def show(shell: Shell, ident: str, refused: Refused | None = None) -> Response:
    """The page. Raises NotFoundError."""
    now = shell.services.clock()

    def read(tx: Transaction) -> dict[str, Any]:
        client = clients.find(tx, ident)
        return {
            "client": client,
            "keys": [(key, state_of(key, now)) for key in reversed(tx.keys.of_client(client.id))],
            "grants": [(held, held.grant.is_live(now)) for held in tx.grants.of_client(client.id)],
            "roles": [role for role in (tx.roles.get(name) for name in client.roles) if role is not None],
            "role_names": [role.name for role in tx.roles.page("", MAX_CHOICES)],
            "plan_names": [plan.name for plan in tx.plans.page("", MAX_CHOICES)],
        }

    found = shell.services.store.read(read)
    text = shell.once.take(g.session.ident, ident)
    return page("client.html", refused=refused, text=text, overlaps=OVERLAPS, env_pattern=ENV_PATTERN, **found)


def path_of(client: Client | str, part: str = "") -> str:
    """Where its page is, or a part of it."""
    return f"/clients/{client if isinstance(client, str) else client.id}{'#' + part if part else ''}"


def state_of(key: ApiKey, now: int) -> str:
    """One word on a key: live, ending (it was rotated), revoked or expired."""
    if key.is_live(now):
        return "ending" if key.replaced_by is not None else "live"
    return "expired" if key.revoked_at is None else "revoked"

"""What gateways are told: the records of docs/accounts-feed.md. Members that have their default are left out."""

import base64
from collections.abc import Iterable
from typing import Any

from accounts.domain.client import Client, ClientStatus
from accounts.domain.credentials import Pepper
from accounts.domain.decision import in_order
from accounts.domain.grant import Effect, Grant
from accounts.domain.key import ApiKey
from accounts.domain.plan import Plan
from accounts.domain.role import Role
from accounts.service.ports import Transaction

CLIENT, ROLE, PLAN, PEPPER = "client", "role", "plan", "pepper"


def publish_client(tx: Transaction, client: Client) -> None:
    """Tell gateways of a claimed client as it is now, with everything that hangs on it."""
    tx.feed.publish(CLIENT, client.id, client_record(tx, client))


def client_record(tx: Transaction, client: Client) -> dict[str, Any]:
    """A client as a JSON object. Dead keys and ended tokens are in it until housekeeping forgets them."""
    record: dict[str, Any] = {"id": client.id, "name": client.name}
    if client.status is not ClientStatus.ACTIVE:
        record["status"] = client.status.value
    optional = {
        "not_before": client.not_before,
        "plan": client.plan,
        "roles": list(client.roles),
        "labels": client.labels,
        "keys": [_key(key) for key in tx.keys.of_client(client.id)],
        "certificates": [{"subject": subject} for subject in client.certificates],
        "revoked_tokens": [{"jti": token.jti, "exp": token.exp} for token in tx.clients.revoked(client.id)],
        "grants": grants(held.grant for held in tx.grants.of_client(client.id)),
    }
    return record | {name: value for name, value in optional.items() if value}


def publish_role(tx: Transaction, role: Role) -> None:
    """Tell gateways of a role as it is now."""
    tx.feed.publish(ROLE, role.name, role_record(role))


def role_record(role: Role) -> dict[str, Any]:
    """A role as a JSON object."""
    return {"name": role.name, "grants": grants(role.grants)}


def publish_plan(tx: Transaction, plan: Plan) -> None:
    """Tell gateways of a plan as it is now."""
    tx.feed.publish(PLAN, plan.name, plan_record(plan))


def plan_record(plan: Plan) -> dict[str, Any]:
    """A plan as a JSON object."""
    quota = None if plan.quota is None else {"requests": plan.quota.requests, "period": plan.quota.period.value}
    return {
        "name": plan.name,
        "rate": {"requests": plan.requests, "seconds": plan.seconds},
        "burst": plan.burst,
        "quota": quota,
        "concurrency": plan.concurrency,
    }


def grants(given: Iterable[Grant]) -> list[dict[str, Any]]:
    """Grants as JSON objects, in the order that counts."""
    return [_grant(grant) for grant in in_order(given)]


def pepper_record(pepper: Pepper) -> dict[str, Any]:
    """A pepper as a JSON object: gateways verify keys with it."""
    return {"version": pepper.version, "secret": base64url(pepper.secret)}


def base64url(octets: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _key(key: ApiKey) -> dict[str, Any]:
    record: dict[str, Any] = {"id": key.id, "mac": base64url(key.secret.mac), "pepper": key.secret.pepper}
    optional = {"scopes": list(key.scopes), "expires_at": key.expires_at, "revoked_at": key.revoked_at}
    return record | {name: value for name, value in optional.items() if value}


def _grant(grant: Grant) -> dict[str, Any]:
    record: dict[str, Any] = {"resource": grant.resource, "actions": list(grant.actions)}
    if grant.effect is Effect.DENY:
        record["effect"] = grant.effect.value
    if grant.expires_at is not None:
        record["expires_at"] = grant.expires_at
    return record | ({"query": grant.query} if grant.query else {})

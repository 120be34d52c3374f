"""Things as JSON objects, for answers and for the audit. Nothing secret is in them; times are RFC 3339."""

from datetime import UTC, datetime
from typing import Any

from accounts.domain.admin import Admin, AdminToken
from accounts.domain.audit import Entry
from accounts.domain.client import Client
from accounts.domain.gateway import Gateway
from accounts.domain.grant import ClientGrant, Grant
from accounts.domain.key import ApiKey
from accounts.domain.plan import Plan
from accounts.domain.role import Role
from accounts.domain.times import SECOND
from accounts.service.records import plan_record


def format_time(seconds: int | None) -> str | None:
    """RFC 3339 in UTC with `Z`."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"


def client_snapshot(client: Client) -> dict[str, Any]:
    """A client."""
    return {
        "id": client.id,
        "name": client.name,
        "status": client.status.value,
        "plan": client.plan,
        "roles": list(client.roles),
        "labels": client.labels,
        "certificates": list(client.certificates),
        "tokens_not_before": format_time(client.not_before) if client.not_before else None,
        "created": format_time(client.created_at),
        "closed": format_time(client.closed_at),
        "version": client.version,
    }


def key_snapshot(key: ApiKey) -> dict[str, Any]:
    """A key, without what would open anything."""
    return {
        "id": key.id,
        "client_id": key.client_id,
        "name": key.name,
        "env": key.env,
        "scopes": list(key.scopes),
        "created": format_time(key.created_at),
        "created_by": key.created_by,
        "expires": format_time(key.expires_at),
        "revoked": format_time(key.revoked_at),
        "last_used": format_time(key.last_used_at),
        "replaced_by": key.replaced_by,
        "version": key.version,
    }


def grant_members(grant: Grant) -> dict[str, Any]:
    """A grant, as a role has it."""
    return {
        "resource": grant.resource,
        "actions": list(grant.actions),
        "effect": grant.effect.value,
        "expires": format_time(grant.expires_at),
        "constraint": {"query": grant.query},
    }


def grant_snapshot(held: ClientGrant) -> dict[str, Any]:
    """A grant of a client."""
    members = {"id": held.id, "client_id": held.client_id, **grant_members(held.grant)}
    return {**members, "created": format_time(held.created_at)}


def role_snapshot(role: Role) -> dict[str, Any]:
    """A role."""
    return {
        "name": role.name,
        "grants": [grant_members(grant) for grant in role.grants],
        "created": format_time(role.created_at),
        "version": role.version,
    }


def plan_snapshot(plan: Plan) -> dict[str, Any]:
    """A plan."""
    return {**plan_record(plan), "created": format_time(plan.created_at), "version": plan.version}


def gateway_snapshot(gateway: Gateway) -> dict[str, Any]:
    """A gateway."""
    return {"id": gateway.id, "name": gateway.name, "created": format_time(gateway.created_at)}


def admin_snapshot(admin: Admin) -> dict[str, Any]:
    """An admin."""
    return {
        "id": admin.id,
        "name": admin.name,
        "has_password": admin.password is not None,
        "created": format_time(admin.created_at),
        "version": admin.version,
    }


def token_snapshot(token: AdminToken) -> dict[str, Any]:
    """A token of an admin, without what would open anything."""
    return {
        "id": token.id,
        "admin_id": token.admin_id,
        "name": token.name,
        "created": format_time(token.created_at),
        "expires": format_time(token.expires_at),
    }


def entry_snapshot(entry: Entry) -> dict[str, Any]:
    """An entry of the audit."""
    return {
        "seq": entry.seq,
        "at": datetime.fromtimestamp(entry.at / SECOND, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": entry.actor,
        "type": entry.topic,
        "subject": entry.subject,
        "details": entry.details,
        "request_id": entry.request_id,
        "seal": entry.seal,
    }

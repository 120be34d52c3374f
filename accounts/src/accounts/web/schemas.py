"""The shapes of requests. They validate, and the API description is generated from them."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from accounts.domain import admin, grant, key, names, plan
from accounts.service.clients import MAX_JTI
from accounts.service.feed import MAX_USED
from accounts.web.fields import (
    Actions,
    Amount,
    Certificates,
    ClientIdent,
    ClientState,
    EffectName,
    Env,
    KeyIdent,
    LabelKey,
    Labels,
    Line,
    Name,
    OneAction,
    Parameter,
    Password,
    PeriodName,
    Resource,
    Roles,
    Scopes,
    Seconds,
    Time,
    Word,
)
from servicekit.web.shapes import MAX_WAIT_S, Closed, Cursor, Limit, Spelled

MAX_SEQ = 2**62


class ClientIn(Closed):
    """A new client."""

    name: Name
    plan: Word | None = None
    roles: Roles = Field(default=[], description="names of roles, in the order that counts")
    labels: Labels = Field(default={}, description="free key=value pairs")
    certificates: Certificates = Field(default=[], description="subjects of client certificates it may come with")


class ClientPatch(Closed):
    """Changes to a client (merge patch, RFC 7396): what is absent stays; a null inside labels removes that one."""

    name: Name = ""
    status: Literal["active", "suspended"] = "active"
    plan: Word | None = None
    roles: Roles = Field(default=[])
    labels: Annotated[dict[LabelKey, Line | None], Field(max_length=names.MAX_LABELS)] = Field(default={})
    certificates: Certificates = Field(default=[])


class RevokedTokenIn(Closed):
    """A token to refuse from now on, by its claims `jti` and `exp`."""

    jti: Annotated[
        str,
        Spelled(rf"^[\x20-\x7e]{{1,{MAX_JTI}}}$", f"must be the claim jti: 1 to {MAX_JTI} printable ASCII characters"),
    ]
    exp: Seconds


class KeyIn(Closed):
    """A new API key."""

    name: Name
    env: Env = key.DEFAULT_ENV
    scopes: Scopes = Field(default=[])
    expires: Time | None = Field(default=None, description="absent for a key without an end")


class KeyPatch(Closed):
    """Changes to a key that is live (merge patch): what is absent stays."""

    name: Name = ""
    scopes: Scopes = Field(default=[])
    expires: Time | None = None


class RotateIn(Closed):
    """How long the old key still opens beside the new one; 0 for a key that leaked."""

    overlap_seconds: Annotated[int, Field(ge=0, le=key.MAX_OVERLAP_S)] = key.DEFAULT_OVERLAP_S


class ProfilePatch(Closed):
    """What the client may have as a token, and the public keys of its assertions; what is absent stays."""

    scopes: Scopes = Field(default=[])
    jwks: dict[str, Any] = Field(default={}, description="a JWK set of at most 4 public keys: ES256, RS256 or EdDSA")


class SecretIn(Closed):
    """A new secret of a client."""

    expires: Time | None = Field(default=None, description="absent for a secret without an end")


class ConstraintIn(Closed):
    """What a gateway forces on a request that a grant allows."""

    query: Annotated[dict[Parameter, Line], Field(max_length=grant.MAX_QUERY)] = Field(default={})


class GrantIn(Closed):
    """Who holds it may, or must not, do these actions to the resources of the pattern."""

    resource: Resource = Field(description="segments; * is any one, ** as the last any number, also none")
    actions: Actions = Field(description="words such as read; * is every action")
    effect: EffectName = "allow"
    expires: Time | None = None
    constraint: ConstraintIn = ConstraintIn()


class RoleIn(Closed):
    """A new role."""

    name: Word
    grants: Annotated[list[GrantIn], Field(max_length=grant.MAX_GRANTS)] = Field(default=[])


class RolePatch(Closed):
    """Other grants for a role, in place of all it has."""

    grants: Annotated[list[GrantIn], Field(max_length=grant.MAX_GRANTS)]


class Rate(Closed):
    """So many requests in so many seconds, on average."""

    requests: Amount
    seconds: Annotated[int, Field(ge=1, le=plan.MAX_SECONDS)]


class QuotaMembers(Closed):
    """So many requests in each period, which begins at its start in UTC."""

    requests: Amount
    period: PeriodName


class PlanIn(Closed):
    """A new plan."""

    name: Word
    rate: Rate
    burst: Amount = Field(description="requests at once")
    quota: QuotaMembers | None = None
    concurrency: Amount | None = Field(default=None, description="requests running at a time")


class PlanPatch(Closed):
    """Changes to a plan (merge patch): what is absent stays; quota and concurrency go by null."""

    rate: Rate = Rate(requests=1, seconds=1)
    burst: Amount = 1
    quota: QuotaMembers | None = None
    concurrency: Amount | None = None


class NameIn(Closed):
    """A name."""

    name: Name


class AdminIn(Closed):
    """A new admin; with a password it may sign in, without one it needs a token."""

    name: Name
    password: Password | None = None


class PasswordIn(Closed):
    """Another password; null takes it away."""

    password: Password | None


class TokenIn(Closed):
    """A new token of an admin."""

    name: Name
    expires: Time | None = None


class SignInIn(Closed):
    """What an admin signs in with."""

    name: Line
    password: Annotated[str, StringConstraints(min_length=1, max_length=admin.MAX_PASSWORD)]


class PageQuery(Closed):
    """A page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class ClientsQuery(PageQuery):
    """Which clients; those that are not closed unless a status is asked for."""

    status: ClientState | None = None
    name_prefix: Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_LINE)] | None = None


class AuditQueryIn(PageQuery):
    """Which entries of the audit."""

    subject: Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_LINE)] | None = None
    actor: Annotated[str, StringConstraints(min_length=1, max_length=names.MAX_LINE)] | None = None


class DecisionQuery(Closed):
    """May the client do the action to the resource?"""

    client: ClientIdent
    resource: Resource
    action: OneAction


class WhoCanQuery(PageQuery):
    """Who may do the action to the resource? A page looks at `limit` clients."""

    resource: Resource
    action: OneAction


class ChangesQuery(Closed):
    """Changes of an epoch after a number; `wait` seconds for one when there is none yet."""

    epoch: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)]
    wait: Annotated[int, Field(ge=0, le=MAX_WAIT_S)] = 0


class AskIn(Closed):
    """One client, by the public id of a key or by its own."""

    key: KeyIdent | None = None
    client: ClientIdent | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "AskIn":
        if (self.key is None) == (self.client is None):
            raise ValueError("give either key or client")
        return self


class UsedIn(Closed):
    """When keys were last used, in seconds since 1970."""

    keys: Annotated[dict[KeyIdent, Seconds], Field(max_length=MAX_USED)]

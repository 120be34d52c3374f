"""What can be asked of the API, as a table: its description is made from it."""

from accounts.web import schemas, shown
from servicekit.web.openapi import MERGE, Operation

CLIENTS = "/v1/clients"
CLIENT = "/v1/clients/{id}"
KEYS = "/v1/clients/{id}/keys"
KEY = "/v1/clients/{id}/keys/{key_id}"
OAUTH = "/v1/clients/{id}/oauth"
SECRETS = "/v1/clients/{id}/secrets"
SECRET = "/v1/clients/{id}/secrets/{secret_id}"  # noqa: S105 - a path
GRANTS = "/v1/clients/{id}/grants"
GRANT = "/v1/clients/{id}/grants/{grant_id}"
ROLES, ROLE = "/v1/roles", "/v1/roles/{name}"
PLANS, PLAN = "/v1/plans", "/v1/plans/{name}"
GATEWAYS, GATEWAY = "/v1/gateways", "/v1/gateways/{gateway_id}"
ADMINS, ADMIN = "/v1/admins", "/v1/admins/{admin_id}"
TOKENS, TOKEN = "/v1/admins/{admin_id}/tokens", "/v1/admins/{admin_id}/tokens/{token_id}"

_CLIENTS = (
    Operation("post", CLIENTS, "create_client", "Add a client", 201, shown.ClientOut, body=schemas.ClientIn, key=False),
    Operation(
        "get",
        CLIENTS,
        "list_clients",
        "The clients, those that are closed only when asked for",
        answer=shown.ClientOut,
        paged=True,
        query=schemas.ClientsQuery,
    ),
    Operation("get", CLIENT, "get_client", "Read a client", answer=shown.ClientOut),
    Operation(
        "patch",
        CLIENT,
        "patch_client",
        "Change, suspend or resume a client",
        answer=shown.ClientOut,
        body=schemas.ClientPatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation(
        "delete", CLIENT, "close_client", "Close a client, for good; its keys are revoked", 204, key=False, match=True
    ),
    Operation(
        "post",
        CLIENT + "/revoke-tokens",
        "revoke_tokens",
        "Refuse every token issued to a client until now",
        answer=shown.ClientOut,
        key=False,
    ),
    Operation(
        "post",
        CLIENT + "/revoked-tokens",
        "revoke_token",
        "Refuse one token of a client",
        204,
        body=schemas.RevokedTokenIn,
        key=False,
    ),
)

_KEYS = (
    Operation("post", KEYS, "create_key", "Make an API key", 201, shown.NewKeyOut, body=schemas.KeyIn, key=True),
    Operation(
        "get", KEYS, "list_keys", "The keys of a client", answer=shown.KeyOut, paged=True, query=schemas.PageQuery
    ),
    Operation("get", KEY, "get_key", "Read a key, without its text", answer=shown.KeyOut),
    Operation(
        "patch",
        KEY,
        "patch_key",
        "Change a key that is live",
        answer=shown.KeyOut,
        body=schemas.KeyPatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation("delete", KEY, "revoke_key", "End a key now, for good", 204, key=False, match=True),
    Operation(
        "post",
        KEY + "/rotate",
        "rotate_key",
        "Make a key in place of one, which lives on for a while",
        201,
        shown.NewKeyOut,
        body=schemas.RotateIn,
        key=True,
    ),
)

_OAUTH = (
    Operation("get", OAUTH, "get_oauth", "What a client may have as a token", answer=shown.ProfileOut),
    Operation(
        "patch",
        OAUTH,
        "patch_oauth",
        "Change its scopes, or the public keys of its assertions",
        answer=shown.ProfileOut,
        body=schemas.ProfilePatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation(
        "post",
        SECRETS,
        "create_secret",
        "Make a secret for the token endpoint; two live at a time",
        201,
        shown.NewSecretOut,
        body=schemas.SecretIn,
        key=True,
    ),
    Operation("get", SECRETS, "list_secrets", "The secrets of a client", answer=shown.SecretsOut),
    Operation("delete", SECRET, "remove_secret", "Refuse a secret from now on", 204, key=False),
)

_GRANTS = (
    Operation("post", GRANTS, "create_grant", "Give a grant", 201, shown.GrantOut, body=schemas.GrantIn, key=False),
    Operation(
        "get",
        GRANTS,
        "list_grants",
        "The grants that a client holds itself",
        answer=shown.GrantOut,
        paged=True,
        query=schemas.PageQuery,
    ),
    Operation("get", GRANT, "get_grant", "Read a grant", answer=shown.GrantOut),
    Operation("delete", GRANT, "remove_grant", "Take a grant back", 204, key=False),
    Operation(
        "get",
        "/v1/decisions",
        "get_decision",
        "May a client do this, and why",
        answer=shown.DecisionOut,
        query=schemas.DecisionQuery,
    ),
    Operation(
        "get",
        "/v1/who-can",
        "who_can",
        "What is decided for each active client",
        answer=shown.DecisionOut,
        paged=True,
        query=schemas.WhoCanQuery,
    ),
)

_CATALOG = (
    Operation("post", ROLES, "create_role", "Add a role", 201, shown.RoleOut, body=schemas.RoleIn, key=False),
    Operation("get", ROLES, "list_roles", "The roles", answer=shown.RoleOut, paged=True, query=schemas.PageQuery),
    Operation("get", ROLE, "get_role", "Read a role", answer=shown.RoleOut),
    Operation(
        "patch",
        ROLE,
        "patch_role",
        "Give a role other grants",
        answer=shown.RoleOut,
        body=schemas.RolePatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation("delete", ROLE, "remove_role", "Remove a role that nobody has", 204, key=False, match=True),
    Operation("post", PLANS, "create_plan", "Add a plan", 201, shown.PlanOut, body=schemas.PlanIn, key=False),
    Operation("get", PLANS, "list_plans", "The plans", answer=shown.PlanOut, paged=True, query=schemas.PageQuery),
    Operation("get", PLAN, "get_plan", "Read a plan", answer=shown.PlanOut),
    Operation(
        "patch",
        PLAN,
        "patch_plan",
        "Change a plan",
        answer=shown.PlanOut,
        body=schemas.PlanPatch,
        media_types=MERGE,
        key=False,
        match=True,
    ),
    Operation("delete", PLAN, "remove_plan", "Remove a plan that nobody has", 204, key=False, match=True),
)

_STAFF = (
    Operation(
        "post",
        GATEWAYS,
        "create_gateway",
        "Make a credential for a gateway",
        201,
        shown.NewGatewayOut,
        body=schemas.NameIn,
        key=True,
    ),
    Operation("get", GATEWAYS, "list_gateways", "The gateways that may follow the feed", answer=shown.GatewaysOut),
    Operation("get", GATEWAY, "get_gateway", "Read a gateway", answer=shown.GatewayOut),
    Operation("delete", GATEWAY, "remove_gateway", "Refuse a gateway from now on", 204, key=False),
    Operation(
        "post", "/v1/sign-in", "sign_in", "Buy a token with a password", 201, shown.NewTokenOut, body=schemas.SignInIn
    ),
    Operation("post", ADMINS, "create_admin", "Add an admin", 201, shown.AdminOut, body=schemas.AdminIn, key=False),
    Operation("get", ADMINS, "list_admins", "The admins", answer=shown.AdminsOut),
    Operation("get", ADMIN, "get_admin", "Read an admin", answer=shown.AdminOut),
    Operation("delete", ADMIN, "remove_admin", "Remove an admin with its tokens", 204, key=False),
    Operation(
        "put",
        ADMIN + "/password",
        "set_password",
        "Let an admin sign in with another password, or with none",
        answer=shown.AdminOut,
        body=schemas.PasswordIn,
        key=False,
    ),
    Operation("post", TOKENS, "create_token", "Make a token", 201, shown.NewTokenOut, body=schemas.TokenIn, key=True),
    Operation("get", TOKENS, "list_tokens", "The tokens of an admin", answer=shown.TokensOut),
    Operation("delete", TOKEN, "remove_token", "Refuse a token from now on", 204, key=False),
    Operation(
        "get",
        "/v1/audit",
        "list_entries",
        "What was done by whom, the newest first",
        answer=shown.EntryOut,
        paged=True,
        query=schemas.AuditQueryIn,
    ),
)

OPERATIONS = (*_CLIENTS, *_KEYS, *_OAUTH, *_GRANTS, *_CATALOG, *_STAFF)

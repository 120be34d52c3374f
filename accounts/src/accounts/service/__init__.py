"""
Purpose: the use cases, on ports: clients, keys, grants, roles, plans, gateways, admins, the audit, the feed.
May import: domain, servicekit.core.
May touch: what the ports give.
I/O: through ports only.
Tested by: accounts/tests/unit/service, on both engines.
"""

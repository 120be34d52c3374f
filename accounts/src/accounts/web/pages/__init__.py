"""
Purpose: the pages at `/`, for people: sign in, clients with keys and grants, who may do what, roles, plans, the audit.
May import: the rest of web, bootstrap, service, domain, servicekit.
May touch: the request at hand.
I/O: through services.
Tested by: accounts/tests/unit/web/pages.
"""

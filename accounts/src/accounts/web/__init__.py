"""
Purpose: HTTP: the feed for gateways, the management API, health; shapes that validate and describe themselves.
May import: bootstrap, service, domain, servicekit.
May touch: the request at hand.
I/O: through services.
Tested by: accounts/tests/unit/web.
"""

"""What the services of the workspace share; it knows none of them.

Purpose: what each service needs: transactions, problem documents, pages, idempotency, settings, logs, a server.
May import: the standard library, SQLAlchemy, Alembic, Flask, pydantic, prometheus-client, granian; never a service.
May touch: what its rooms say.
I/O: as its rooms say.
Tested by: servicekit/tests, and through it the tests of every service.
"""

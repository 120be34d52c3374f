"""
Purpose: the store on SQLAlchemy Core for SQLite and PostgreSQL, the migrations, the wall clock.
May import: service, domain, servicekit.core, servicekit.storage.
May touch: the database.
I/O: yes: database.
Tested by: invsys/tests/unit/adapters, on a real database file.
"""

"""
Purpose: the store on SQLAlchemy Core for SQLite and PostgreSQL, the migrations, the pepper file, hashes and signatures.
May import: service, domain, servicekit.core, servicekit.storage.
May touch: the database, the pepper file.
I/O: yes: database, one file.
Tested by: accounts/tests/unit/adapters, on a real database.
"""

"""
Purpose: SQLite and PostgreSQL: engines, transactions, migrations, tables every service has, numbers in commit order.
May import: core.
May touch: the database.
I/O: yes: database.
Tested by: servicekit/tests/unit/storage, on both engines.
"""

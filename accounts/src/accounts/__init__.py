"""
Purpose: client accounts: who may call, with what, to do which.
May import: nothing of the gateway or of invsys; the rooms inside import one way, see .importlinter.
May touch: its own database, its pepper file.
I/O: yes: HTTP, a database.
Tested by: accounts/tests.
"""

"""What is remembered outside a request, read on its way.

Purpose: the worker's view of the replica of accounts: records, how old they are, what follows for a credential.
May import: protocol, config, core.
May touch: the replica's file, for reading only.
I/O: yes, short reads of a local SQLite file.
Tested by: tests/unit/stores, real files.
"""

"""The replica of accounts, kept for all workers.

Purpose: take a snapshot, follow the feed, ask about one credential, keep it all in a file, tell the workers.
May import: worker (messages), compile (AccountsPlan), stores (records, the file's schema), net (tasks, tls), core.
May touch: connections to accounts, the replica's file.
I/O: yes.
Tested by: tests/unit/control/accounts, against a feed that can lie, and tests/integration/test_accounts*.
"""

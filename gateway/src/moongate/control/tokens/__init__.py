"""Keys of tokens, kept for all workers: those of issuers, and the gateway's own.

Purpose: fetch issuers' keys and keep them over an outage and a restart; make, keep and change keys to sign with.
May import: worker (messages), filters (the form of keys), stores (keys), net (tasks, tls), core.
May touch: connections to issuers, two files of keys.
I/O: yes.
Tested by: tests/unit/control/tokens, against an issuer that can lie, and tests/integration/test_tokens*.
"""

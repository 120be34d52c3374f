"""Moongate, an API gateway: one host and port in front of a team's microservices.

Purpose: the package root; everything lives in its rooms, see ARCHITECTURE.md.
May import: nothing.
May touch: nothing.
I/O: no.
Tested by: the rooms' own tests.
"""

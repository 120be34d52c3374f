"""
Purpose: what tests of invsys, here and in other suites, start and call.
May import: the standard library, servicekit, invsys.
May touch: processes, loopback sockets, temporary files.
I/O: yes: processes and sockets.
Tested by: its users.
"""

from invsys_harness.served import ServedInvsys

__all__ = ["ServedInvsys"]

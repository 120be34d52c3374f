"""
Purpose: what tests of services start and call: databases on both engines, a served process, careful callers.
May import: core, web, process, storage.
May touch: processes, loopback sockets, temporary files.
I/O: yes: processes and sockets.
Tested by: servicekit/tests/unit/testing.
"""

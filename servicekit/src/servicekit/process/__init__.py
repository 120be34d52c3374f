"""
Purpose: a service as a process: settings from the environment, the log, the server.
May import: core.
May touch: the environment it is handed, stderr, one listening socket.
I/O: yes: sockets and stderr.
Tested by: servicekit/tests/unit/process.
"""

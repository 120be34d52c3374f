"""
Purpose: a service as a process: settings from the environment, the log, the server, output.
May import: core.
May touch: the environment it is handed and the one it hands on, stdout and stderr, one listening socket.
I/O: yes: sockets, stdout and stderr.
Tested by: servicekit/tests/unit/process.
"""

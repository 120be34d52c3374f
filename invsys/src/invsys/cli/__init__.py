"""
Purpose: the command `invsys`, one file per subcommand.
May import: web, bootstrap and below, servicekit; adapters never directly.
May touch: the terminal, the environment, processes.
I/O: yes: terminal, sockets.
Tested by: invsys/tests/unit/cli, as real processes.
"""

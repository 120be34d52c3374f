"""
Purpose: the command `accounts`, a file for each subcommand.
May import: every other room.
May touch: the terminal, files it is told of.
I/O: yes: terminal, files, the database through services.
Tested by: accounts/tests/unit/cli.
"""

"""The `moongate` command: one file a command, plain arguments in, exit status out.

Purpose: parse arguments, read files, hand over to the rooms below, say on the terminal what came of it.
May import: every room.
May touch: the terminal, the file system, the environment.
I/O: yes, terminal and files.
Tested by: tests/unit/cli, in process and as real processes.
"""

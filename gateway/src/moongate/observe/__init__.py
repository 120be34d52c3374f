"""What operators are told about exchanges that have ended.

Purpose: the access log, and the counting behind the metrics.
May import: core.
May touch: its own buffers and its writer thread.
I/O: through the writer thread, never on the loop.
Tested by: tests/unit/observe with real files and pipes.
"""

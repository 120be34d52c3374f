"""The control process: keeps workers running and hands them what to serve.

Purpose: supervisor, listening sockets, watching files, reload in two steps, metrics of all workers, the admin API.
May import: worker (channel, messages, doors), compile, config, observe, upstream (state), net, core; never uvloop.
May touch: processes, signals, listening sockets, files through the source that it is handed.
I/O: yes.
Tested by: tests/unit/control and tests/integration/test_control*, real processes.
"""

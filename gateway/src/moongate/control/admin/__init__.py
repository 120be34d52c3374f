"""The admin API: what operators and their tools ask the control process, over HTTP, never on the data path.

Purpose: health, metrics, what is served and why, reload, draining; and who may ask for it.
May import: the rest of control, compile, config, upstream, net, core; starlette and uvicorn, as nobody else here.
May touch: its own socket.
I/O: yes.
Tested by: tests/unit/control/admin, over real sockets, and tests/integration/test_admin*.
"""

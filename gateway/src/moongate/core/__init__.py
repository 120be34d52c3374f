"""What every room may speak of.

Purpose: message heads, the exchange, errors, limits, clock, ids, ports between rooms.
May import: nothing of Moongate.
May touch: nothing outside its arguments.
I/O: no.
Tested by: tests/unit/core, plain values.
"""

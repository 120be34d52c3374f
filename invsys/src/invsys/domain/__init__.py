"""
Purpose: the rules of the inventory: intervals, kinds, resources, allocations and what may go wrong.
May import: the standard library only.
May touch: nothing outside its own values.
I/O: no; not even the clock.
Tested by: invsys/tests/unit/domain.
"""

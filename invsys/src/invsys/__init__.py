"""
Purpose: the inventory manager: bookable resources and their allocations in time, never double-booked.
May import: nothing of its own; rooms are cli > web > bootstrap > adapters > service > domain.
May touch: nothing; the rooms below do.
I/O: no, this card only names the package.
Tested by: invsys/tests.
"""

"""
Purpose: the use cases: what a caller may ask of the inventory, each in one transaction.
May import: domain, servicekit.core.
May touch: the store and the clock, through the ports it declares.
I/O: no; only through ports.
Tested by: invsys/tests/unit/service.
"""

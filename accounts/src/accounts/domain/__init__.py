"""
Purpose: the rules of accounts: clients, keys, grants, roles, plans, who may do what, the chain of the audit.
May import: the standard library only.
May touch: nothing outside its own values.
I/O: no; not even the clock.
Tested by: accounts/tests/unit/domain.
"""

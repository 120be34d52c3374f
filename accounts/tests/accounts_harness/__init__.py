"""
Purpose: what tests of accounts, here and in other suites, make and call.
May import: accounts, servicekit.testing.
May touch: databases and processes of tests.
I/O: yes.
Tested by: its users.
"""

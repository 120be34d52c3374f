"""
Purpose: settings from the environment, and the wiring of adapters to use cases.
May import: adapters, service, domain, servicekit.
May touch: the environment, read once.
I/O: no; it builds what does I/O.
Tested by: invsys/tests/unit/bootstrap.
"""

"""
Purpose: settings from the environment, the wiring of adapters to use cases, the sweeper.
May import: adapters, service, domain, servicekit.core, servicekit.process, servicekit.storage.
May touch: the environment, read once.
I/O: no; it builds what does I/O.
Tested by: accounts/tests/unit/bootstrap.
"""

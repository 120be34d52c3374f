"""
Purpose: a service of notes, the smallest that uses every room of servicekit; its tests run on it.
May import: servicekit.
May touch: databases of tests.
I/O: yes: database.
Tested by: its users.
"""

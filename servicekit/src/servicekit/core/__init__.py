"""
Purpose: values and refusals on which the other rooms agree: answers, origins, positions, versions, keys, waiting.
May import: the standard library.
May touch: the wall clock, in one function.
I/O: no.
Tested by: servicekit/tests/unit/core.
"""

"""
Purpose: the HTTP face of a service: strict bodies, problems, pages, conditions, keys, health, metrics, its description.
May import: core.
May touch: the request and the response.
I/O: no; the server carries the bytes.
Tested by: servicekit/tests/unit/web, on a small application of its own.
"""

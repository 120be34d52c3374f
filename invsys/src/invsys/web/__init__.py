"""
Purpose: the HTTP face: paths, bodies, status codes, problem documents, the API description.
May import: bootstrap and below, servicekit.web, servicekit.core; adapters never directly.
May touch: the request and the response.
I/O: no; the server carries the bytes, the services reach the database.
Tested by: invsys/tests/unit/web and, over real sockets, invsys/tests/integration.
"""

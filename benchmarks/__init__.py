"""Purpose: measure what one request costs in CPU, beside the gateways people know, and print ratios.
May import: the standard library, Flask and requests for one peer; never `moongate`, which it runs as a process.
May touch: processes it started, a temporary folder, loopback, `benchmarks/results/`.
I/O: yes, all of it; the pure parts are `stats`, `report`, `bars`, `procfs.parse_*`.
Tested by: `benchmarks/tests/` (pure parts), and by running `make bench`."""

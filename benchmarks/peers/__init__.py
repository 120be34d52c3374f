"""Purpose: the gateways that are compared; one file each: find the binary, write its config, give its command line.
May import: `benchmarks.model`, the standard library.
May touch: the folder it is given for its config.
I/O: yes, files only; processes are started by `benchmarks.stand`.
Tested by: `benchmarks/tests/test_peers.py`, and by each run, which asks every gateway once before it measures."""

"""Purpose: what is measured; one small file a scenario, gathered in `registry`.
May import: `benchmarks.model`, `benchmarks.stand`, the load generators of `benchmarks`.
May touch: the stand it is given.
I/O: yes, through the stand.
Tested by: `benchmarks/tests/test_scenarios.py`, and by running them."""

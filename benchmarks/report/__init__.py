"""Purpose: from samples to what a person reads: a table, a markdown page, a picture, the table in the README.
May import: `benchmarks.model`, `benchmarks.stats`, `benchmarks.bars`, the registries.
May touch: nothing but `save`, which writes the result files.
I/O: no, except `save`.
Tested by: `benchmarks/tests/test_report_*.py`."""

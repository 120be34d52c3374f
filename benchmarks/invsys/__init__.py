"""Benchmarks of invsys: what booking and paging cost when there is a lot already. See `__main__.py`."""

"""`python -m benchmarks`: see README.md beside this file."""

from benchmarks.cli import main

raise SystemExit(main())

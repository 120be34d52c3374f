"""`python -m invsys` is the `invsys` command."""

from invsys.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())

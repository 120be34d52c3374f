"""Alembic's entry."""

from servicekit.storage.migrate import run_from_environment

run_from_environment()

"""A working directory with a right config in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
version: 1
services:
  cars: {targets: [http://127.0.0.1:8101, http://127.0.0.1:8102]}
  web: {targets: [http://127.0.0.1:8000]}
routes:
  - {name: site, match: {path: "/**"}, service: web}
  - {name: car, match: {path: "/api/{kind:cars|vans}/{id}", methods: [GET]}, service: cars}
  - {name: beta, match: {path: "/api/{kind:cars|vans}/{id}", headers: {X-Beta: }}, service: cars}
  - {name: shop, match: {host: shop.example}, service: web}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``gateway.yaml`` in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "gateway.yaml"
    path.write_text(CONFIG)
    return path

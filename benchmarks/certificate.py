"""A throw-away certificate, made for one window and deleted with its folder."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from benchmarks.model import BenchmarkError, KeyPair

if TYPE_CHECKING:
    from pathlib import Path


def make_key_pair(folder: Path) -> KeyPair:
    """Make a self-signed P-256 certificate for 127.0.0.1 with the openssl command; raises BenchmarkError without it."""
    pair = KeyPair(folder / "certificate.pem", folder / "key.pem")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", *curve, *names, "-keyout", str(pair.key), "-out", str(pair.certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise BenchmarkError(f"no throw-away certificate: {error} (apt-get install openssl)") from error
    pair.key.chmod(0o644)  # gateways may read it after they have dropped root
    return pair

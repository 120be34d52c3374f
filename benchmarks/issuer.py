"""The access token that a client shows where it shows no API key, and the key that verifies it."""

from __future__ import annotations

import json
import time
from functools import cache

from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "https://issuer.bench"
AUDIENCE = "bench"
LIFE_S = 4 * 3600
"""Longer than any benchmark."""


@cache
def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "bench", "alg": "ES256"})


@cache
def token() -> str:
    """Of the first client, as RFC 9068 has it."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "cl_0", "client_id": "cl_0", "jti": "bench-1", "scope": "read"}
    return jwt.encode(
        {"alg": "ES256", "typ": "at+jwt", "kid": "bench"}, {**claims, "iat": now, "exp": now + LIFE_S}, _key()
    )


def keys() -> str:
    """The public key, a JWK Set."""
    return json.dumps({"keys": [_key().as_dict(private=False)]})

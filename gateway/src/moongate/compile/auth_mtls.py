"""The plan of ``mtls``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moongate.filters.mtls import DNS, MtlsPlan

if TYPE_CHECKING:
    from moongate.config.model_auth_mtls import MtlsConfig


def mtls_plan(settings: MtlsConfig, *, has_accounts: bool, verifies_clients: bool) -> MtlsPlan:
    """Raises ValueError for what can not work: somebody has to verify certificates, and to know whose they are."""
    if not verifies_clients:
        raise ValueError(
            "mtls takes certificates that a listener has verified, and no listener asks for any: give one a "
            "`client_ca`, as in {bind: ..., tls: {certificate: ..., key: ..., client_ca: clients.pem}}"
        )
    is_known = settings.clients is None if settings.known_to_accounts is None else settings.known_to_accounts
    if is_known and not has_accounts:
        raise ValueError(
            "mtls: whose is a certificate? name it under `clients`, or put `accounts: {url: ..., token: ...}` at the "
            "top of the config"
        )
    folds = settings.source == DNS
    clients = {name.lower() if folds else name: client for name, client in (settings.clients or {}).items()}
    return MtlsPlan(settings.source, tuple(clients.items()) if clients else None, is_known)

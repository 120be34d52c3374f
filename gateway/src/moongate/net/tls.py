"""TLS on both sides: contexts made from files, several certificates on one socket, new files taken up as they appear.

New files make new contexts, which the next handshake is begun with, and connections that are open are left alone. No
session outlives them: a ticket is good for the context that wrote it, so nobody resumes what a CA vouched for that is
trusted no longer, nor what another listener did not ask for (nginx CVE-2025-23419).
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from moongate.core.plans import CertificatePlan, ListenerTlsPlan, ServiceTlsPlan

_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_ALPN: Final = ["http/1.1"]


class TlsInvalid(Exception):  # noqa: N818 - a verdict about somebody's files
    """A certificate, key or CA file that can not be used: says which and why."""


class ListenerTls:
    """The certificates of one listener, alive: ``context`` for its next handshake, ``refresh`` when files may have
    changed."""

    def __init__(self, plan: ListenerTlsPlan) -> None:
        """Reads every file. Raises TlsInvalid."""
        self._plan = plan
        self._stamps = self._stamp()
        self._take(Sites(plan))

    def refresh(self) -> bool:
        """Take up files that changed since they were read; whether any had. Raises TlsInvalid, and keeps what it
        had."""
        stamps = self._stamp()
        if stamps == self._stamps:
            return False
        self._stamps = stamps  # a broken file is told once, not at every look
        self._take(Sites(self._plan))
        return True

    def _take(self, sites: Sites) -> None:
        self._sites = sites
        self.context = sites.default
        self.context.sni_callback = self._choose

    def is_same_site(self, sni: str, host: str) -> bool:
        """Whether ``host`` may be asked for on a connection that was made to ``sni``; else it is misdirected (421)."""
        return self._sites.of(sni) is self._sites.of(host)

    def _choose(self, connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        connection.moongate_sni = name or ""
        connection.context = self._sites.of(name or "")

    def _stamp(self) -> list[tuple[int, int] | None]:
        return [_stamp_of(path) for path in files_of(self._plan)]


class Sites:
    """One reading of a listener's files: a context for each certificate, by the names it holds."""

    def __init__(self, plan: ListenerTlsPlan) -> None:
        self._exact: dict[str, ssl.SSLContext] = {}
        self._wildcard: dict[str, ssl.SSLContext] = {}
        contexts = [_server_context(plan, certificate) for certificate in plan.certificates]
        self.default = contexts[0]
        for certificate, context in zip(plan.certificates, contexts, strict=True):
            for name in names_in(certificate.certificate):
                table, key = (self._wildcard, name[2:]) if name.startswith("*.") else (self._exact, name)
                table.setdefault(key, context)

    def of(self, name: str) -> ssl.SSLContext:
        """The context for a server name; the first certificate's where none holds it."""
        name = name.lower().rstrip(".")
        return self._exact.get(name) or self._wildcard.get(name.partition(".")[2]) or self.default


def files_of(plan: ListenerTlsPlan) -> Iterable[str]:
    """Every file that ``plan`` names."""
    for certificate in plan.certificates:
        yield certificate.certificate
        yield certificate.key
    if plan.client_ca is not None:
        yield plan.client_ca


def names_in(certificate: str) -> list[str]:
    """The DNS names and addresses of the first certificate in a PEM file, in lower case. Raises TlsInvalid."""
    from cryptography import x509

    try:
        parsed = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except (OSError, ValueError) as error:
        raise TlsInvalid(f"{certificate}: no certificate can be read from it ({error})") from None
    dns = names.get_values_for_type(x509.DNSName)
    return [name.lower() for name in dns] + [str(each) for each in names.get_values_for_type(x509.IPAddress)]


class ServiceTls(NamedTuple):
    """How a service's https targets are spoken to. ``server_name`` None is each target's own host; ``stamps`` are those
    of the files that ``context`` was made from."""

    context: ssl.SSLContext
    server_name: str | None
    stamps: tuple[tuple[int, int] | None, ...] = ()


def client_context(ca: str | None = None) -> ssl.SSLContext:
    """TLS to somebody, verified against the system's CAs, or those of the file ``ca``. Raises OSError or SSLError where
    that can not be read."""
    context = ssl.create_default_context(cafile=ca)
    # Set from Python 3.13 on: what a team's own CA signs by `openssl x509 -req` would be good on 3.12 and a 502 there.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def service_tls(plan: ServiceTlsPlan, before: ServiceTls | None = None) -> ServiceTls:
    """TLS to a service: verified against the system's CAs or ``plan.ca``. Raises TlsInvalid.

    ``before``, made for the same plan, is good enough where its files did not change: reading the system's CAs takes
    10 ms, and a reload must not hold up requests for so long for each service.
    """
    own = () if plan.certificate is None else (plan.certificate.certificate, plan.certificate.key)
    stamps = tuple(_stamp_of(path) for path in (plan.ca, *own) if path is not None)
    if before is not None and before.stamps == stamps:
        return before
    try:
        context = client_context(plan.ca)
    except (OSError, ssl.SSLError) as error:
        raise TlsInvalid(f"{plan.ca}: no CA certificates can be read from it ({_reason(error)})") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(_ALPN)
    if not plan.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if plan.certificate is not None:
        _load_chain(context, plan.certificate)
    return ServiceTls(context, plan.server_name, stamps)


def _server_context(plan: ListenerTlsPlan, certificate: CertificatePlan) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[plan.min_version]
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(_ALPN)
    _load_chain(context, certificate)
    if plan.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED if plan.requires_client else ssl.CERT_OPTIONAL
        try:
            context.load_verify_locations(plan.client_ca)
        except (OSError, ssl.SSLError) as error:
            raise TlsInvalid(f"{plan.client_ca}: no CA certificates can be read from it ({_reason(error)})") from None
    return context


def _load_chain(context: ssl.SSLContext, plan: CertificatePlan) -> None:
    for path in (plan.certificate, plan.key):
        if _stamp_of(path) is None:
            where = "" if Path(path).is_absolute() else " in the working directory"
            raise TlsInvalid(f"{path}: no such file{where}, or it can not be read")
    try:
        # An encrypted key would have OpenSSL ask for a pass phrase on the terminal.
        context.load_cert_chain(plan.certificate, plan.key, password=_no_password(plan.key))
    except (OSError, ssl.SSLError, ValueError) as error:
        raise TlsInvalid(f"{plan.certificate} and {plan.key}: {_reason(error)}") from None


def _no_password(key: str) -> Callable[[], str]:
    def refuse() -> str:
        raise ValueError(f"{key} is encrypted; only keys without a pass phrase can be read unattended")

    return refuse


def _stamp_of(path: str) -> tuple[int, int] | None:
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        # OpenSSL gives no reason where a file holds nothing that it could have read.
        return error.reason.replace("_", " ").lower() if error.reason else "there is nothing that is PEM"
    return getattr(error, "strerror", None) or str(error)

"""Certificates made on the spot: a CA, what it signs, and TLS laid over the raw peers of the tests."""

from __future__ import annotations

import datetime
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

    from gateway_harness.origin import OriginConnection, Script
    from gateway_harness.raw_client import RawClient

DAY = datetime.timedelta(days=1)
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Pair(NamedTuple):
    """The PEM files of a certificate and its key."""

    certificate: Path
    key: Path

    @property
    def yaml(self) -> str:
        return f"certificate: {self.certificate}, key: {self.key}"


class Authority:
    """A CA of its own. ``pem`` is its certificate's file; files go to ``directory``. Of a ``bare`` one no certificate
    says whose key signed it, as with many that people make by hand."""

    def __init__(self, directory: Path, name: str = "ca", *, bare: bool = False) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._serial = 0
        builder = _builder(self._name, self._name, self._key, 30 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        # RFC 5280 section 4.2.1 asks for these, and from 3.13 on Python as well.
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self._issuer = None if bare else x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        if not bare:
            builder = builder.add_extension(identifier, critical=False).add_extension(_SIGNS, critical=True)
        certificate = builder.sign(self._key, hashes.SHA256())
        self.pem = directory / f"{name}.pem"
        self.pem.write_bytes(certificate.public_bytes(Encoding.PEM))

    def issue(
        self, *names: str, subject: str = "", pass_phrase: str = "", days: float = 7, file: str = ""
    ) -> Pair:  # a certificate has that many sides
        """A certificate for DNS names, addresses, URIs and mailboxes; negative ``days`` are how long ago it expired.
        ``file`` is the stem of its files, which are overwritten where they exist."""
        self._serial += 1
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(subject or (names[0] if names else "nobody")), self._name, key, days * DAY)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), False)
        if self._issuer is not None:
            builder = builder.add_extension(self._issuer, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        stem = file or f"{self.pem.stem}-{self._serial}"
        pair = Pair(self._directory / f"{stem}.crt", self._directory / f"{stem}.key")
        encryption: KeySerializationEncryption = NoEncryption()
        if pass_phrase:
            encryption = BestAvailableEncryption(pass_phrase.encode())
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        return pair

    def trusting(self, own: Pair | None = None) -> ssl.SSLContext:
        """A client's context that trusts this CA alone, and shows ``own``."""
        context = ssl.create_default_context(cafile=self.pem)
        context.set_alpn_protocols(["h2", "http/1.1"])
        if own is not None:
            context.load_cert_chain(own.certificate, own.key)
        return context

    def serving(self, own: Pair, *, demands_client: bool = False) -> ssl.SSLContext:
        """A server's context that shows ``own``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own.certificate, own.key)
        if demands_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.pem)
        return context


def start_tls(client: RawClient, context: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
    """TLS over ``client``'s connection from here on, asking for ``name``."""
    sock = context.wrap_socket(client.sock, server_hostname=name)
    client.sock = sock
    return sock


def over_tls(context: ssl.SSLContext, script: Script, failures: list[str] | None = None) -> Script:
    """``script`` behind a TLS handshake; one that fails is noted in ``failures``, and the script is not played."""

    def play(connection: OriginConnection) -> None:
        try:
            connection.sock = context.wrap_socket(connection.sock, server_side=True)
        except OSError as error:
            if failures is not None:
                failures.append(str(error))
            return
        script(connection)

    return play


def names_shown(certificate: bytes | None) -> list[str]:
    """The DNS names in a certificate as a peer showed it."""
    assert certificate is not None
    parsed = x509.load_der_x509_certificate(certificate)
    return parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    )


def _named(name: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    return x509.Name(parts)


def _alternative(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    if "@" in name:
        return x509.RFC822Name(name)
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + min(lasts, datetime.timedelta()) - DAY)
        .not_valid_after(now + lasts)
    )

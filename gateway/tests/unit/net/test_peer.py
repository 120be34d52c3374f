"""Certificates as TLS tells them, with cryptography as the second opinion."""

from __future__ import annotations

import datetime
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from moongate.core.exchange import PeerCertificate
from moongate.net.peer import peer_address, peer_certificate, subject_of

if TYPE_CHECKING:
    from pathlib import Path

UNTIL = datetime.datetime(2036, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def told(directory: Path, subject: x509.Name, *names: x509.GeneralName) -> dict[str, Any]:
    """What `ssl` tells of such a certificate; it reads a file as it reads what a peer shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(UNTIL - datetime.timedelta(days=1)).not_valid_after(UNTIL)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    path = directory / "shown.pem"
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return ssl._ssl._test_decode_cert(str(path))  # type: ignore[attr-defined,no-any-return]


def attribute(oid: x509.ObjectIdentifier, value: str) -> x509.NameAttribute:
    return x509.NameAttribute(oid, value)


@pytest.mark.parametrize("value", ["robot", 'a, "b"', " lead", "trail ", "#hash", "a+b=c;<d>\\", "zoë", "CN=other,O=x"])
def test_subjects_are_written_as_others_write_them(tmp_path: Path, value: str) -> None:
    parts = (NameOID.DOMAIN_COMPONENT, "example"), (NameOID.ORGANIZATION_NAME, "Acme"), (NameOID.COMMON_NAME, value)
    subject = x509.Name([attribute(oid, text) for oid, text in parts])
    written = subject_of(told(tmp_path, subject))
    assert x509.Name.from_rfc4514_string(written) == subject
    if not set(value) & set("=#"):  # cryptography escapes these two less or more than it need
        assert written == subject.rfc4514_string()


def test_two_attributes_of_one_name_are_not_two_names(tmp_path: Path) -> None:
    one, other = attribute(NameOID.COMMON_NAME, "robot"), attribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "ops")
    together = x509.Name([x509.RelativeDistinguishedName([one, other])])
    apart = x509.Name([one, other])
    assert "+" in subject_of(told(tmp_path, together))
    assert subject_of(told(tmp_path, apart)) == "OU=ops,CN=robot"


def test_the_names_that_count_and_the_end(tmp_path: Path) -> None:
    names = (
        x509.DNSName("robot.acme.test"),
        x509.UniformResourceIdentifier("spiffe://acme.test/robot"),
        x509.RFC822Name("robot@acme.test"),
        x509.DirectoryName(x509.Name([attribute(NameOID.COMMON_NAME, "other")])),
        x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
    )
    shown = told(tmp_path, x509.Name([attribute(NameOID.COMMON_NAME, "robot")]), *names)
    assert peer_certificate(shown) == PeerCertificate(
        (
            ("subject", "CN=robot"),
            ("san_dns", "robot.acme.test"),
            ("san_uri", "spiffe://acme.test/robot"),
            ("san_email", "robot@acme.test"),
        ),
        UNTIL.timestamp(),
    )


def test_nothing_shown_is_no_certificate() -> None:
    assert peer_certificate(None) is None
    assert peer_certificate({}) is None, "what ssl tells where it was not asked to verify"


def test_a_nul_is_no_end() -> None:
    assert subject_of({"subject": ((("commonName", "root\0.evil"),),)}) == r"CN=root\00.evil"


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.0.2.7", 80), "192.0.2.7"),
        (("::ffff:192.0.2.7", 80, 0, 0), "192.0.2.7"),
        (("2001:db8::ffff:7", 80, 0, 0), "2001:db8::ffff:7"),
        (("fe80::1%eth0", 80, 0, 2), "fe80::1%eth0"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_client_of_ipv4_has_one_address_whatever_the_socket(peername: Any, address: str) -> None:
    assert peer_address(peername) == address

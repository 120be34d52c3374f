"""Contexts made from files, shaken hands with in memory: which certificate is shown to whom, and what is refused."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gateway_harness.certificates import Authority, Pair, names_shown
from moongate.core.plans import CertificatePlan, ListenerTlsPlan, ServiceTlsPlan
from moongate.net.peer import subject_of
from moongate.net.tls import ListenerTls, TlsInvalid, names_in, service_tls

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def plan_of(
    *pairs: Pair, min_version: str = "1.2", client_ca: Path | None = None, demands: bool = False
) -> ListenerTlsPlan:
    certificates = tuple(CertificatePlan(str(pair.certificate), str(pair.key)) for pair in pairs)
    return ListenerTlsPlan(certificates, min_version, None if client_ca is None else str(client_ca), demands)


class Shaken(NamedTuple):
    """Both ends of a finished handshake."""

    client: ssl.SSLObject
    server: ssl.SSLObject

    @property
    def names(self) -> list[str]:
        """The names in the certificate that the client was shown."""
        return names_shown(self.client.getpeercert(binary_form=True))


def shake(
    server: ssl.SSLContext, client: ssl.SSLContext, name: str | None, session: ssl.SSLSession | None = None
) -> Shaken:
    """A handshake in memory. Raises what either side raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name, session=session)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [one, other]
    for _ in range(10):
        for each in list(waiting):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(each)
    assert not waiting, "the handshake does not come to an end"
    for each in (other, one):  # TLS 1.3: a client's certificate is judged after its own handshake is over
        try:
            each.read(1)
        except ssl.SSLWantReadError:
            pass
    return Shaken(one, other)


def anyone() -> ssl.SSLContext:
    """A client's context that looks at no name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("a.test", "a.test"),
        ("also-a.test", "a.test"),
        ("b.test", "b.test"),
        ("B.TEST", "b.test"),
        ("any.wild.test", "*.wild.test"),
        ("exact.wild.test", "exact.wild.test"),
        ("wild.test", "a.test"),
        ("deep.er.wild.test", "a.test"),
        ("unknown.test", "a.test"),
        (None, "a.test"),
    ],
)
def test_the_certificate_is_chosen_by_the_name_that_is_asked_for(ca: Authority, asked: str | None, shown: str) -> None:
    pairs = [
        ca.issue("a.test", "also-a.test"),
        ca.issue("b.test"),
        ca.issue("*.wild.test"),
        ca.issue("exact.wild.test"),
    ]
    listener = ListenerTls(plan_of(*pairs))
    assert shake(listener.context, anyone(), asked).names[0] == shown


def test_a_name_that_two_hold_is_the_firsts(ca: Authority) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test", "first"), ca.issue("b.test", "second")))
    assert shake(listener.context, ca.trusting(), "b.test").names == ["b.test", "first"]


def test_whom_the_client_trusts_it_verifies(ca: Authority) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test")))
    assert shake(listener.context, ca.trusting(), "b.test").client.version() == "TLSv1.3"


@pytest.mark.parametrize("asked", ["a.test", "b.test", None])
def test_http_1_1_is_agreed_on_whatever_the_certificate(ca: Authority, asked: str | None) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test")))
    client = anyone()
    client.set_alpn_protocols(["h2", "http/1.1"])
    assert shake(listener.context, client, asked).client.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("asked", ["a.test", "b.test"])
@pytest.mark.parametrize(
    ("least", "spoken", "is_taken"),
    [
        ("1.2", ssl.TLSVersion.TLSv1_1, False),
        ("1.2", ssl.TLSVersion.TLSv1_2, True),
        ("1.2", ssl.TLSVersion.TLSv1_3, True),
        ("1.3", ssl.TLSVersion.TLSv1_2, False),
        ("1.3", ssl.TLSVersion.TLSv1_3, True),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_the_oldest_version_that_is_spoken(
    ca: Authority, asked: str, least: str, spoken: ssl.TLSVersion, is_taken: bool
) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test"), min_version=least))
    client = anyone()
    client.set_ciphers("DEFAULT:@SECLEVEL=0")  # else OpenSSL refuses 1.1 before anything is sent
    client.minimum_version = client.maximum_version = spoken
    if is_taken:
        assert shake(listener.context, client, asked).client.version() == f"TLSv1.{spoken.name[-1]}"
    else:
        with pytest.raises(ssl.SSLError, match=r"(?i)version|protocol"):
            shake(listener.context, client, asked)


@pytest.mark.parametrize(
    ("sni", "host", "is_same"),
    [
        ("a.test", "a.test", True),
        ("a.test", "A.test.", True),
        ("a.test", "also-a.test", True),
        ("a.test", "b.test", False),
        ("b.test", "a.test", False),
        ("x.wild.test", "y.wild.test", True),
        ("x.wild.test", "b.test", False),
        ("a.test", "unknown.test", True),  # both are the first certificate's, and routes know no such host
        ("b.test", "unknown.test", False),
    ],
)
def test_which_hosts_are_one_site(ca: Authority, sni: str, host: str, is_same: bool) -> None:
    pairs = ca.issue("a.test", "also-a.test"), ca.issue("b.test"), ca.issue("*.wild.test")
    assert ListenerTls(plan_of(*pairs)).is_same_site(sni, host) is is_same


def test_new_files_are_shown_to_the_next_client(ca: Authority) -> None:
    first, second = ca.issue("a.test", "old", file="a"), ca.issue("b.test", "old", file="b")
    listener = ListenerTls(plan_of(first, second))
    assert not listener.refresh()
    for name, file in (("a.test", "a"), ("b.test", "b")):
        ca.issue(name, "new", file=file)
        assert listener.refresh()
        assert not listener.refresh()
        assert shake(listener.context, ca.trusting(), name).names == [name, "new"]


def test_a_file_that_is_renamed_into_place_is_seen(ca: Authority) -> None:
    """As certbot and Kubernetes do it; the time of the file may even be older than before."""
    pair = ca.issue("a.test", "old", file="a")
    listener = ListenerTls(plan_of(pair))
    new = ca.issue("a.test", "new")
    for fresh, stale in zip(new, pair, strict=True):
        os.utime(fresh, (1, 1))
        fresh.rename(stale)
    assert listener.refresh()
    assert shake(listener.context, ca.trusting(), "a.test").names == ["a.test", "new"]


@pytest.mark.parametrize("broken", ["garbage", "absent", "other key"])
def test_broken_new_files_leave_the_old_certificate_and_are_told_once(ca: Authority, broken: str) -> None:
    pair = ca.issue("a.test", "old", file="a")
    listener = ListenerTls(plan_of(pair))
    if broken == "garbage":
        pair.certificate.write_text("-----BEGIN CERTIFICATE-----\nnot quite\n")
    elif broken == "absent":
        pair.certificate.unlink()
    else:
        ca.issue("a.test", "other").key.rename(pair.key)
    with pytest.raises(TlsInvalid, match=r"a\.(crt|key)"):
        listener.refresh()
    assert not listener.refresh()
    assert shake(listener.context, ca.trusting(), "a.test").names == ["a.test", "old"]
    ca.issue("a.test", "new", file="a")
    assert listener.refresh()
    assert shake(listener.context, ca.trusting(), "a.test").names == ["a.test", "new"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda pair: pair.certificate.unlink(), r"a\.crt: no such file"),
        (lambda pair: pair.key.unlink(), r"a\.key: no such file"),
        (lambda pair: pair.certificate.write_text(""), r"a\.crt"),
        (lambda pair: pair.key.write_text("nonsense"), r"a\.key"),
        (lambda pair: pair.key.write_bytes(pair.certificate.read_bytes()), r"a\.key"),
    ],
)
def test_files_that_can_not_be_used_are_named(ca: Authority, damage: object, message: str) -> None:
    pair = ca.issue("a.test", file="a")
    assert callable(damage)
    damage(pair)
    with pytest.raises(TlsInvalid, match=message) as caught:
        ListenerTls(plan_of(pair))
    assert "\n" not in str(caught.value)


def test_a_key_of_another_certificate_is_said_to_be_that(ca: Authority) -> None:
    mixed = Pair(ca.issue("a.test").certificate, ca.issue("b.test").key)
    with pytest.raises(TlsInvalid, match="key values mismatch"):
        ListenerTls(plan_of(mixed))


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_a_pass_phrase(ca: Authority) -> None:
    with pytest.raises(TlsInvalid, match="is encrypted; only keys without a pass phrase"):
        ListenerTls(plan_of(ca.issue("a.test", pass_phrase="secret")))


def test_a_ca_file_without_a_ca_is_refused(ca: Authority, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path / "absent.pem"):
        with pytest.raises(TlsInvalid, match=f"{path.name}: no CA certificates"):
            ListenerTls(plan_of(ca.issue("a.test"), client_ca=path))
        with pytest.raises(TlsInvalid, match=f"{path.name}: no CA certificates"):
            service_tls(ServiceTlsPlan(ca=str(path)))


def test_a_client_without_certificate_is_taken_where_it_is_optional(ca: Authority) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), client_ca=ca.pem))
    assert shake(listener.context, ca.trusting(), "a.test").server.getpeercert() is None


@pytest.mark.parametrize("asked", ["a.test", "b.test"])
@pytest.mark.parametrize("shows", ["nothing", "a stranger's", "an expired one"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_where_a_certificate_is_demanded_only_a_good_one_does(
    ca: Authority, tmp_path: Path, asked: str, shows: str, version: ssl.TLSVersion
) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test"), client_ca=ca.pem, demands=True))
    own = None
    if shows == "a stranger's":
        own = Authority(tmp_path, "stranger").issue(subject="robot")
    elif shows == "an expired one":
        own = ca.issue(subject="robot", days=-1)
    context = ca.trusting(own)
    context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        shake(listener.context, context, asked)
    good = ca.trusting(ca.issue(subject="robot"))
    good.maximum_version = version
    assert subject_of(shake(listener.context, good, asked).server.getpeercert() or {}) == "CN=robot,O=Tests"


def test_what_a_session_was_allowed_on_one_listener_it_is_not_on_another(ca: Authority) -> None:
    """Resuming a session must not walk past a demand for certificates (nginx CVE-2025-23419)."""
    open_to_all = ListenerTls(plan_of(ca.issue("a.test")))
    demanding = ListenerTls(plan_of(ca.issue("a.test"), client_ca=ca.pem, demands=True))
    client = ca.trusting()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    session = shake(open_to_all.context, client, "a.test").client.session
    assert session is not None
    assert shake(open_to_all.context, client, "a.test", session).client.session_reused
    with pytest.raises(ssl.SSLError):
        shake(demanding.context, client, "a.test", session)


def test_new_cas_for_clients_are_taken_up_too(ca: Authority, tmp_path: Path) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), ca.issue("b.test"), client_ca=ca.pem, demands=True))
    before, other = ca.trusting(ca.issue(subject="robot")), Authority(tmp_path, "other")
    after = ca.trusting(other.issue(subject="robot"))
    ca.pem.write_bytes(other.pem.read_bytes())
    assert listener.refresh()
    for name in ("a.test", "b.test"):
        shake(listener.context, after, name)
        with pytest.raises(ssl.SSLError):
            shake(listener.context, before, name)


def test_a_session_ends_with_the_ca_that_vouched_for_it(ca: Authority, tmp_path: Path) -> None:
    listener = ListenerTls(plan_of(ca.issue("a.test"), client_ca=ca.pem, demands=True))
    client, other = ca.trusting(ca.issue(subject="robot")), Authority(tmp_path, "other")
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    session = shake(listener.context, client, "a.test").client.session
    assert session is not None
    resumed = shake(listener.context, client, "a.test", session)
    assert resumed.client.session_reused
    assert subject_of(resumed.server.getpeercert() or {}) == "CN=robot,O=Tests"
    ca.pem.write_bytes(other.pem.read_bytes())
    assert listener.refresh()
    with pytest.raises(ssl.SSLError):
        shake(listener.context, client, "a.test", session)


def test_names_in_a_certificate(ca: Authority) -> None:
    assert names_in(str(ca.issue("A.test", "*.b.test", "127.0.0.1", "::1").certificate)) == [
        "a.test",
        "*.b.test",
        "127.0.0.1",
        "::1",
    ]
    assert names_in(str(ca.issue(subject="no name").certificate)) == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_target_is_verified_by_the_ca_that_is_named(ca: Authority, name: str) -> None:
    tls = service_tls(ServiceTlsPlan(ca=str(ca.pem)))
    shaken = shake(ca.serving(ca.issue("localhost", "127.0.0.1")), tls.context, name)
    assert shaken.client.version() == "TLSv1.3"


def test_certificates_need_not_say_whose_key_signed_them(tmp_path: Path) -> None:
    bare = Authority(tmp_path, bare=True)
    tls = service_tls(ServiceTlsPlan(ca=str(bare.pem)))
    assert shake(bare.serving(bare.issue("a.test")), tls.context, "a.test").client.version() == "TLSv1.3"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unknown CA", "unable to get local issuer"),
        ("wrong name", "Hostname mismatch"),
        ("expired", "certificate has expired"),
        ("system CAs", "unable to get local issuer"),
    ],
)
def test_a_target_that_can_not_be_verified_is_refused(ca: Authority, tmp_path: Path, fault: str, reason: str) -> None:
    trusted = Authority(tmp_path, "other") if fault == "unknown CA" else ca
    pair = ca.issue("wrong.test" if fault == "wrong name" else "a.test", days=-1 if fault == "expired" else 7)
    tls = service_tls(ServiceTlsPlan(ca=None if fault == "system CAs" else str(trusted.pem)))
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake(ca.serving(pair), tls.context, "a.test")


def test_unverified_takes_anything(ca: Authority) -> None:
    tls = service_tls(ServiceTlsPlan(verify=False))
    assert shake(ca.serving(ca.issue("wrong.test", days=-1)), tls.context, "a.test").client.version() == "TLSv1.3"


def test_the_gateways_own_certificate_is_shown_to_a_target(ca: Authority) -> None:
    own = ca.issue(subject="gateway")
    plan = ServiceTlsPlan(ca=str(ca.pem), certificate=CertificatePlan(str(own.certificate), str(own.key)))
    serving = ca.serving(ca.issue("a.test"), demands_client=True)
    shaken = shake(serving, service_tls(plan).context, "a.test")
    assert subject_of(shaken.server.getpeercert() or {}) == "CN=gateway,O=Tests"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_an_old_target_is_not_spoken_to(ca: Authority) -> None:
    old = ca.serving(ca.issue("a.test"))
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        shake(old, service_tls(ServiceTlsPlan(ca=str(ca.pem))).context, "a.test")

"""TLS on both sides of a running gateway: who is shown what, who is refused, and that nothing leaks before trust."""

import contextlib
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway_harness.certificates import Authority, Pair, names_shown, over_tls, start_tls
from gateway_harness.gateway_process import GatewayProcess, one_service, running_gateway
from gateway_harness.origin import OriginConnection, ScriptedOrigin, serve_ok
from gateway_harness.polling import eventually
from gateway_harness.raw_client import RawClient, TruncatedError

MIB = 1 << 20
BLOCK = os.urandom(MIB)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("strangers"), "strangers")


def listing(*pairs: Pair) -> str:
    return "{certificates: [" + ", ".join(f"{{{pair.yaml}}}" for pair in pairs) + "]}"


class Site:
    """A gateway that serves several names over TLS, and a service in clear behind it."""

    def __init__(self, gateway: GatewayProcess, origin: ScriptedOrigin, ca: Authority) -> None:
        self.gateway = gateway
        self.origin = origin
        self.ca = ca

    @contextlib.contextmanager
    def client(self, sni: str, host: str = "", own: Pair | None = None, receive_buffer: int = 0) -> Iterator[RawClient]:
        with self.gateway.connect(host or sni, receive_buffer) as client:
            start_tls(client, self.ca.trusting(own), sni)
            yield client


@pytest.fixture(scope="module")
def site(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    pairs = ca.issue("a.test", "also-a.test"), ca.issue("b.test"), ca.issue("*.wild.test")
    directory = tmp_path_factory.mktemp("site")
    with (
        ScriptedOrigin(serve_large) as origin,
        running_gateway(directory, one_service(origin.url, route=", max_body: 256MiB"), listing(*pairs)) as gateway,
    ):
        yield Site(gateway, origin, ca)


def serve_large(connection: OriginConnection) -> None:
    """Answers /N with so many octets, and an upload with its digest."""
    while True:
        received = connection.read_request()
        if received.method == "GET" and received.target[1:].isdigit():
            size = int(received.target[1:])
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            connection.send((BLOCK * (size // MIB + 1))[:size])
        else:
            connection.answer(200, hashlib.sha256(received.body).hexdigest().encode())


@pytest.mark.parametrize(
    ("sni", "shown"),
    [("a.test", "a.test"), ("also-a.test", "a.test"), ("b.test", "b.test"), ("x.wild.test", "*.wild.test")],
)
def test_each_name_gets_its_certificate(site: Site, sni: str, shown: str) -> None:
    with site.client(sni) as client:
        assert isinstance(client.sock, ssl.SSLSocket)
        assert names_shown(client.sock.getpeercert(binary_form=True))[0] == shown
        assert (client.sock.version(), client.sock.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
        assert client.request("GET", "/").status == 200
        assert client.request("GET", "/").status == 200
    assert site.origin.requests[-1].value("x-forwarded-proto") == "https"


def test_who_names_no_host_gets_the_first_and_may_ask_for_any(site: Site) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(site.ca.pem)
    with site.gateway.connect("b.test") as client:
        sock = start_tls(client, context, None)
        assert names_shown(sock.getpeercert(binary_form=True))[0] == "a.test"
        assert client.request("GET", "/").status == 200


def test_another_sites_host_is_misdirected(site: Site) -> None:
    before = len(site.origin.requests)
    with site.client("a.test", "b.test") as client:
        response = client.request("GET", "/misdirected")
        assert (response.status, response.code, response.value("connection")) == (421, "misdirected_request", "close")
        client.wait_closed()
    assert len(site.origin.requests) == before
    line = site.gateway.wait_log(lambda line: line["status"] == 421, "the misdirected one")
    assert line["reason"] == "sni_mismatch"


def test_another_host_of_the_same_site_is_fine_and_another_one_later_is_not(site: Site) -> None:
    with site.client("a.test") as client:
        assert client.request("GET", "/").status == 200
        client.send(b"GET / HTTP/1.1\r\nHost: also-a.test:8443\r\n\r\n")
        assert client.read_response().status == 200
        client.send(b"GET / HTTP/1.1\r\nHost: b.test\r\n\r\n")
        assert client.read_response().status == 421


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_old_tls_is_refused_and_the_gateway_goes_on(site: Site) -> None:
    context = site.ca.trusting()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with site.gateway.connect() as client, pytest.raises(ssl.SSLError):
        start_tls(client, context, "a.test")
    with site.client("a.test") as client:
        assert client.request("GET", "/").status == 200


def test_plain_http_to_a_tls_port_is_no_request(site: Site) -> None:
    before = len(site.origin.requests)
    with site.gateway.connect("a.test") as client:
        refused = client.request("GET", "/")
    assert (refused.status, refused.code) == (400, "bad_request")
    assert b"ask by https" in refused.body
    assert len(site.origin.requests) == before


def test_bodies_of_many_mebibytes_both_ways(site: Site) -> None:
    with site.client("a.test") as client:
        assert client.request("GET", f"/{24 * MIB}").body == BLOCK * 24
        body = BLOCK * 24
        assert client.request("PUT", "/", body=body).body == hashlib.sha256(body).hexdigest().encode()
        chunks = b"".join(b"%x\r\n%b\r\n" % (MIB, BLOCK) for _ in range(8)) + b"0\r\n\r\n"
        response = client.request("PUT", "/", "Transfer-Encoding: chunked", body=chunks)
        assert response.body == hashlib.sha256(BLOCK * 8).hexdigest().encode()
        assert client.request("GET", "/").status == 200


def test_a_hundred_requests_in_one_go_are_answered_in_order(site: Site) -> None:
    with site.client("a.test") as client:
        client.send(b"".join(b"GET /x%d HTTP/1.1\r\nHost: a.test\r\n\r\n" % number for number in range(100)))
        for _ in range(100):
            assert client.read_response().status == 200
    assert [request.target for request in site.origin.requests[-100:]] == [f"/x{number}" for number in range(100)]


def test_slow_readers_over_tls_cost_little_and_get_everything(site: Site) -> None:
    with site.client("a.test") as client:
        client.request("GET", f"/{8 * MIB}")  # buffers have their size now
    before = site.gateway.resident_bytes()
    with contextlib.ExitStack() as held:
        clients = [held.enter_context(site.client("a.test", receive_buffer=4096)) for _ in range(30)]
        for client in clients:
            client.send_request("GET", f"/{8 * MIB}")
            assert client.read_exactly(1) == b"H"
        grown = site.gateway.resident_bytes() - before
        rest = clients[0].read_exactly(8 * MIB)
        assert hashlib.sha256(rest[-1000:]).digest()  # it came to the end without an error
    assert grown < 15 * MIB, f"{grown / MIB:.1f} MiB"


def test_a_connection_is_small_again_after_a_large_upload(site: Site) -> None:
    """OpenSSL keeps the room that it once needed: 138 KiB of it for each, where it was given all that had come."""
    with contextlib.ExitStack() as held:
        clients = [held.enter_context(site.client("a.test")) for _ in range(100)]
        for client in clients:
            assert client.request("POST", "/").status == 200
        before = site.gateway.resident_bytes()
        for client in clients:
            assert client.request("POST", "/", body=BLOCK).status == 200
        grown = site.gateway.settled_bytes() - before
    assert grown < 8 * MIB, f"{grown / MIB:.1f} MiB"


def test_the_last_answer_of_a_connection_waits_for_a_slow_reader(site: Site) -> None:
    """Of each size some part waits elsewhere: in the kernel, under TLS, above it. None of it may be lost."""
    with contextlib.ExitStack() as held:
        clients = {}
        for size in range(MIB, 4 * MIB, MIB // 10):
            clients[size] = client = held.enter_context(site.client("a.test", receive_buffer=4096))
            client.send_request("GET", f"/{size}", "Connection: close")
        time.sleep(2)  # longer than the gateway lingers
        for size, client in clients.items():
            assert len(client.read_response().body) == size
            client.wait_closed()


def test_a_client_that_does_not_say_goodbye_is_not_waited_for(site: Site) -> None:
    before = site.gateway.sockets_to(site.gateway.port)
    with site.client("a.test") as client:
        client.send_request("GET", "/", "Connection: close")
        client.read_exactly(1)
        eventually(lambda: site.gateway.sockets_to(site.gateway.port) <= before, "the gateway has closed it", 5)


def test_a_client_that_goes_within_an_answer_takes_its_upstream_along(ca: Authority, tmp_path: Path) -> None:
    gone = []

    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        connection.wait_gone()
        gone.append(True)

    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url), listing(ca.issue("a.test"))) as gateway,
    ):
        site = Site(gateway, origin, ca)
        with site.client("a.test") as client:
            client.send_request("GET", "/")
            origin.wait_requests(1)
        eventually(lambda: gone, "the upstream connection ended")


def test_an_answer_that_is_cut_short_is_seen_to_be(ca: Authority, tmp_path: Path) -> None:
    def script(connection: OriginConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")

    with (
        ScriptedOrigin(script) as origin,
        running_gateway(tmp_path, one_service(origin.url), listing(ca.issue("a.test"))) as gateway,
        Site(gateway, origin, ca).client("a.test") as client,
    ):
        client.send_request("GET", "/")
        with pytest.raises((TruncatedError, OSError)):
            client.read_response()


def test_half_a_handshake_has_ten_seconds(site: Site) -> None:
    with site.gateway.connect() as silent, site.gateway.connect() as begun:
        begun.send(b"\x16\x03\x01\x02\x00\x01\x00")  # the first octets of a ClientHello
        for client in (silent, begun):
            client.sock.settimeout(15)
            client.wait_closed()
    with site.client("a.test") as client:
        assert client.request("GET", "/").status == 200


def test_half_a_handshake_counts_under_the_caps(ca: Authority, tmp_path: Path) -> None:
    config = f"limits: {{connections_per_address: 20}}\n{one_service('http://127.0.0.1:1')}"
    with (
        running_gateway(tmp_path, config, listing(ca.issue("a.test"))) as gateway,
        contextlib.ExitStack() as held,
    ):
        clients = [held.enter_context(gateway.connect()) for _ in range(50)]
        for client in clients[20:]:
            client.wait_closed()
        assert gateway.sockets_to(gateway.port) == 20
        for client in clients[:20]:
            client.close()
        eventually(lambda: is_served(gateway, ca), "who left made room")


def is_served(gateway: GatewayProcess, ca: Authority) -> bool:
    with gateway.connect("a.test") as client:
        try:
            start_tls(client, ca.trusting(), "a.test")
            return client.request("GET", "/").status == 502
        except OSError:
            return False


def test_drained_connections_are_closed_in_good_order(ca: Authority, tmp_path: Path) -> None:
    with (
        ScriptedOrigin(serve_ok) as origin,
        running_gateway(tmp_path, one_service(origin.url), listing(ca.issue("a.test"))) as gateway,
        Site(gateway, origin, ca).client("a.test") as client,
    ):
        client.request("GET", "/")
        assert gateway.stop() == 0
        assert client.read_to_end() == b"", "close_notify, and no reset"


@pytest.mark.slow
def test_files_that_are_replaced_while_it_runs(ca: Authority, tmp_path: Path) -> None:
    pair = ca.issue("a.test", "old.test", file="replaced")

    def names() -> list[str]:
        with Site(gateway, origin, ca).client("a.test") as client:
            assert isinstance(client.sock, ssl.SSLSocket)
            return names_shown(client.sock.getpeercert(binary_form=True))

    with (
        ScriptedOrigin(serve_ok) as origin,
        running_gateway(tmp_path, one_service(origin.url), f"{{{pair.yaml}}}") as gateway,
        Site(gateway, origin, ca).client("a.test") as standing,
    ):
        assert standing.request("GET", "/").status == 200
        assert names() == ["a.test", "old.test"]
        kept = shutil.copy(pair.key, tmp_path / "kept.key")
        pair.key.write_text("broken")
        eventually(lambda: any("kept the old certificates" in line for line in gateway.stderr), "the complaint", 25)
        assert names() == ["a.test", "old.test"]
        shutil.copy(kept, pair.key)
        ca.issue("a.test", "new.test", file="replaced")
        eventually(lambda: names() == ["a.test", "new.test"], "the new certificate", 25)
        assert standing.request("GET", "/").status == 200
        gateway.stderr[:] = []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("no certificate", "absent.crt: no such file, or it can not be read"),
        ("no key", "absent.key: no such file, or it can not be read"),
        ("other key", "key values mismatch"),
        ("encrypted key", "is encrypted; only keys without a pass phrase"),
        ("no certificate in it", "there is nothing that is PEM"),
        ("no client CA", "absent.pem: no CA certificates"),
    ],
)
def test_files_that_can_not_be_used_are_one_line_and_nothing_listens(
    ca: Authority, tmp_path: Path, fault: str, message: str
) -> None:
    pair, more = ca.issue("a.test", pass_phrase="secret" if fault == "encrypted key" else ""), ""
    if fault == "no certificate":
        pair = pair._replace(certificate=tmp_path / "absent.crt")
    elif fault == "no key":
        pair = pair._replace(key=tmp_path / "absent.key")
    elif fault == "other key":
        pair = pair._replace(key=ca.issue("b.test").key)
    elif fault == "no certificate in it":
        pair = pair._replace(certificate=pair.key)
    elif fault == "no client CA":
        more = f", client_ca: {tmp_path / 'absent.pem'}"
    port = free_port()
    config = tmp_path / "gateway.yaml"
    config.write_text(
        f"version: 1\nadmin: off\nlisteners: [{{bind: '127.0.0.1:{port}', tls: {{{pair.yaml}{more}}}}}]\n"
        + one_service("http://127.0.0.1:1")
    )
    assert_refused_to_start(config, message)


def test_a_services_files_are_judged_before_anything_listens_too(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    service = one_service("https://127.0.0.1:1", more=f", tls: {{ca: {tmp_path / 'absent.pem'}}}")
    config.write_text(f"version: 1\nadmin: off\nlisteners: [{{bind: '127.0.0.1:{free_port()}'}}]\n{service}")
    assert_refused_to_start(config, "absent.pem: no CA certificates")


def assert_refused_to_start(config: Path, message: str) -> None:
    command = (sys.executable, "-m", "moongate", "run", str(config))
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("moongate: ")
    assert message in ended.stderr
    assert "listening" not in ended.stderr


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


# -- mutual TLS


@pytest.mark.parametrize("demand", ["required", "optional"])
def test_clients_show_certificates(ca: Authority, strangers: Authority, tmp_path: Path, demand: str) -> None:
    tls = f"{{{ca.issue('a.test').yaml}, client_ca: {ca.pem}, client_certificate: {demand}}}"
    with ScriptedOrigin() as origin, running_gateway(tmp_path, one_service(origin.url), tls) as gateway:
        site = Site(gateway, origin, ca)
        lie = "X-Client-Cert: forged", "X-SSL-Client-Verify: SUCCESS"
        with site.client("a.test", own=ca.issue(subject="robot")) as client:
            assert client.request("GET", "/", *lie).status == 200
        assert not [line for line in origin.requests[-1].lines if b"forged" in line or b"SUCCESS" in line]
        served = len(origin.requests)
        with (
            pytest.raises((OSError, TruncatedError)),
            site.client("a.test", own=strangers.issue(subject="robot")) as client,
        ):
            client.request("GET", "/")
        assert len(origin.requests) == served
        if demand == "optional":
            with site.client("a.test") as client:
                assert client.request("GET", "/").status == 200
        else:
            with pytest.raises((OSError, TruncatedError)), site.client("a.test") as client:
                client.request("GET", "/")
            assert len(origin.requests) == served


# -- towards services


class Behind:
    """A gateway in clear in front of a service over TLS."""

    def __init__(self, gateway: GatewayProcess, origin: ScriptedOrigin, failures: list[str]) -> None:
        self.gateway = gateway
        self.origin = origin
        self.failures = failures


@contextlib.contextmanager
def behind(directory: Path, context: ssl.SSLContext, settings: str, host: str = "127.0.0.1") -> Iterator[Behind]:
    failures: list[str] = []
    with ScriptedOrigin(over_tls(context, serve_large, failures)) as origin:
        config = one_service(f"https://{host}:{origin.port}", more=settings, route=", max_body: 256MiB")
        with running_gateway(directory, config) as gateway:
            yield Behind(gateway, origin, failures)


def test_a_service_over_tls(ca: Authority, tmp_path: Path) -> None:
    settings = f", tls: {{ca: {ca.pem}}}"
    with (
        behind(tmp_path, ca.serving(ca.issue("127.0.0.1")), settings) as service,
        service.gateway.connect() as client,
    ):
        for _ in range(3):
            assert client.request("GET", "/").status == 200
        assert service.origin.connections == 1, "kept alive"
        assert client.request("GET", f"/{24 * MIB}").body == BLOCK * 24
        body = BLOCK * 24
        assert client.request("PUT", "/", body=body).body == hashlib.sha256(body).hexdigest().encode()
        assert client.request("GET", "/").status == 200
        assert service.origin.connections == 1


def test_slow_readers_of_a_service_over_tls_cost_little(ca: Authority, tmp_path: Path) -> None:
    settings = f", tls: {{ca: {ca.pem}}}"
    with behind(tmp_path, ca.serving(ca.issue("127.0.0.1")), settings) as service:
        with service.gateway.connect() as client:
            client.request("GET", f"/{8 * MIB}")
        before = service.gateway.resident_bytes()
        with contextlib.ExitStack() as held:
            clients = [held.enter_context(service.gateway.connect(receive_buffer=4096)) for _ in range(30)]
            for client in clients:
                client.send_request("GET", f"/{8 * MIB}")
                assert client.read_exactly(1) == b"H"
            print("GROWN-UP", (service.gateway.resident_bytes() - before) / MIB)
            grown = service.gateway.resident_bytes() - before
            assert len(clients[0].read_exactly(8 * MIB)) == 8 * MIB
    # uvloop reads up to 256 KiB of what is encrypted at a time, and keeps a buffer of that size for each connection.
    assert grown < 22 * MIB, f"{grown / MIB:.1f} MiB"


@pytest.mark.parametrize("fault", ["unknown CA", "system CAs", "wrong name", "expired"])
def test_a_service_that_can_not_be_verified_gets_nothing(
    ca: Authority, strangers: Authority, tmp_path: Path, fault: str
) -> None:
    name = "wrong.test" if fault == "wrong name" else "127.0.0.1"
    pair = ca.issue(name, days=-1 if fault == "expired" else 7)
    trusted = strangers if fault == "unknown CA" else ca
    settings = "" if fault == "system CAs" else f", tls: {{ca: {trusted.pem}}}"
    with behind(tmp_path, ca.serving(pair), settings) as service, service.gateway.connect() as client:
        response = client.request("POST", "/secret", body=b"secret")
        assert (response.status, response.code) == (502, "upstream_unreachable")
        assert b"127.0.0.1" not in response.body
        assert client.is_open()
        line = service.gateway.wait_log(lambda line: line["path"] == "/secret", "the refused one")
        assert (line["status"], line["reason"]) == (502, "tls_certificate_refused")
        assert service.failures
        assert service.origin.requests == []


def test_a_service_that_speaks_no_tls(tmp_path: Path) -> None:
    with (
        ScriptedOrigin() as origin,
        running_gateway(tmp_path, one_service(f"https://127.0.0.1:{origin.port}")) as gateway,
    ):
        with gateway.connect() as client:
            assert client.request("GET", "/clear").code in ("upstream_unreachable", "upstream_timeout")
        line = gateway.wait_log(lambda line: line["path"] == "/clear", "the failed one")
        assert line["reason"] in ("tls_handshake_failed", "connect_timeout")


def test_a_service_by_another_name(ca: Authority, tmp_path: Path) -> None:
    settings = f", tls: {{ca: {ca.pem}, server_name: inner.test}}"
    with (
        behind(tmp_path, ca.serving(ca.issue("inner.test")), settings) as service,
        service.gateway.connect() as client,
    ):
        assert client.request("GET", "/").status == 200


def test_unverified_where_it_was_asked_for(strangers: Authority, tmp_path: Path) -> None:
    pair = strangers.issue("wrong.test", days=-1)
    with (
        behind(tmp_path, strangers.serving(pair), ", tls: {verify: false}") as service,
        service.gateway.connect() as client,
    ):
        assert client.request("GET", "/").status == 200


@pytest.mark.parametrize("shows", [True, False])
def test_a_service_that_demands_a_certificate(ca: Authority, tmp_path: Path, shows: bool) -> None:
    own = f", {ca.issue(subject='gateway').yaml}" if shows else ""
    context = ca.serving(ca.issue("127.0.0.1"), demands_client=True)
    with (
        behind(tmp_path, context, f", tls: {{ca: {ca.pem}{own}}}") as service,
        service.gateway.connect() as client,
    ):
        assert client.request("POST", "/", body=b"x").status == (200 if shows else 502)
        assert len(service.origin.requests) == shows

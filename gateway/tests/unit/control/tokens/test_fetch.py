"""Fetching from an issuer that behaves, and from one that does not."""

from __future__ import annotations

import asyncio
import gzip
import resource
import time

import pytest

from gateway_harness.scripted_issuer import (
    KEYS,
    METADATA,
    ScriptedIssuer,
    answers,
    floods,
    hangs,
    redirects,
    trickles,
)
from moongate.control.tokens import fetch
from moongate.control.tokens.fetch import MAX_BYTES, Fetched, Fetcher, FetchFailed, Posted


def get(url: str) -> Fetched:
    async def get() -> Fetched:
        async with Fetcher() as fetcher:
            return await fetcher.get(url)

    return asyncio.run(get())


def failure(url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as raised:
        get(url)
    return raised.value


def test_what_is_right() -> None:
    with ScriptedIssuer() as issuer:
        found = get(issuer.url + KEYS)
        assert b'"keys"' in found.body
        assert found.cache_control == "max-age=300"


@pytest.mark.parametrize("fault", [hangs, trickles])
def test_nobody_is_waited_for(fault: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "FETCH_SECONDS", 0.3)
    with ScriptedIssuer() as issuer:
        issuer.faults[KEYS] = fault  # type: ignore[assignment]
        before = time.monotonic()
        assert "did not answer" in str(failure(issuer.url + KEYS))
        assert time.monotonic() - before < 2


def test_fifty_megabytes_are_not_read() -> None:
    with ScriptedIssuer() as issuer:
        issuer.faults[KEYS] = floods
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert f"more than {MAX_BYTES // 1024} KiB" in str(failure(issuer.url + KEYS))
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


def test_what_was_not_asked_for_is_not_unpacked() -> None:
    with ScriptedIssuer() as issuer:
        bomb = gzip.compress(bytes(10_000_000))
        issuer.faults[KEYS] = answers(bomb, **{"Content-Encoding": "gzip"})
        assert "compressed" in str(failure(issuer.url + KEYS))


def test_redirects_stay_on_the_host() -> None:
    with ScriptedIssuer() as issuer, ScriptedIssuer() as other:
        issuer.faults["/a"] = redirects("/b", 301)
        issuer.faults["/b"] = redirects(issuer.url + KEYS, 307)
        assert b'"keys"' in get(issuer.url + "/a").body
        for where in (
            other.url + KEYS,
            issuer.url.replace("127.0.0.1", "localhost") + KEYS,
            issuer.url.replace("http:", "https:") + KEYS,
            "//169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "http://[",
            "",
        ):
            issuer.faults[METADATA] = redirects(where)
            assert "to another host" in str(failure(issuer.url + METADATA)), where
        assert other.heard == {}
        issuer.faults["/round"] = redirects("/round")
        assert "redirects more than 3 times" in str(failure(issuer.url + "/round"))


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 429, 500, 503])
def test_anything_else_is_no_document(status: int) -> None:
    with ScriptedIssuer() as issuer:
        issuer.faults[KEYS] = answers(b"" if status == 204 else b"{}", status)
        failed = failure(issuer.url + KEYS)
        assert f"answers {status}" in str(failed)
        assert failed.is_missing == (status in (404, 410))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/keys", "http://nothing.invalid/keys"])
def test_nobody_there(url: str) -> None:
    assert "cannot be asked" in str(failure(url))


def post(url: str, form: dict[str, str]) -> Posted:
    async def post() -> Posted:
        async with Fetcher() as fetcher:
            return await fetcher.post(url, form, {"Authorization": "Basic x"})

    return asyncio.run(post())


def test_a_form_is_sent_once_and_any_answer_is_one() -> None:
    with ScriptedIssuer() as issuer:
        issuer.faults["/token"] = answers(b'{"error": "invalid_grant"}', 400)
        assert post(issuer.url + "/token", {"code": "a b&c"}) == (400, b'{"error": "invalid_grant"}')
        assert issuer.forms == [("Basic x", b"code=a+b%26c")]


def test_a_form_goes_nowhere_else() -> None:
    with ScriptedIssuer() as issuer:
        issuer.faults["/token"] = redirects(issuer.url + "/elsewhere", 307)
        assert post(issuer.url + "/token", {"code": "c1"}).status == 307
        assert len(issuer.forms) == 1


@pytest.mark.parametrize("fault", [hangs, trickles, floods])
def test_nor_is_whoever_was_asked_with_a_form(fault: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "FETCH_SECONDS", 1.0)
    with ScriptedIssuer() as issuer:
        issuer.faults["/token"] = fault  # type: ignore[assignment]
        with pytest.raises(FetchFailed) as raised:
            post(issuer.url + "/token", {"code": "c1"})
        assert "c1" not in str(raised.value)

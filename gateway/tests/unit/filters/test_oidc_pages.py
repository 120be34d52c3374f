"""What a person reads, and what nobody else can make of it."""

from __future__ import annotations

import re

from gateway_harness.exchanges import exchange_of
from gateway_harness.held_logins import NAVIGATES
from moongate.core.errors import DEPENDENCY_UNAVAILABLE, LOGIN_EXPIRED, LOGIN_REFUSED
from moongate.filters import Refusal, Response
from moongate.filters.oidc_pages import asked_to_log_out, refused, sent_to


def test_a_person_reads_a_page() -> None:
    answer = refused(exchange_of(*NAVIGATES), LOGIN_REFUSED, "oidc_access_denied", again="/a?b=\"'<&")
    assert isinstance(answer, Response)
    assert (answer.status, answer.code, answer.reason) == (403, "login_refused", "oidc_access_denied")
    text = answer.body.decode()
    assert LOGIN_REFUSED.title in text
    assert LOGIN_REFUSED.detail in text
    assert "Request id-1" in text
    assert '<a href="/a?b=&quot;&#x27;&lt;&amp;">Start again</a>' in text
    fields = dict(answer.fields)
    assert fields[b"Content-Type"] == b"text/html; charset=utf-8"
    assert fields[b"Cache-Control"] == b"no-store"
    assert fields[b"Referrer-Policy"] == b"no-referrer", "a code stands in the URL of this page"
    assert b"default-src 'none'" in fields[b"Content-Security-Policy"]
    assert b"frame-ancestors 'none'" in fields[b"Content-Security-Policy"]
    assert not re.search(r"<script|javascript:| on[a-z]+=", text)


def test_a_program_reads_problem_json() -> None:
    answer = refused(exchange_of(), LOGIN_EXPIRED, "oidc_state", again="/", fields=((b"A", b"b"),))
    assert answer == Refusal(LOGIN_EXPIRED, "oidc_state", ((b"A", b"b"),))


def test_who_may_come_again_is_told_when() -> None:
    answer = refused(exchange_of(*NAVIGATES), DEPENDENCY_UNAVAILABLE, "x")
    assert isinstance(answer, Response)
    assert (b"Retry-After", b"1") in answer.fields
    assert b"Start again" not in answer.body


def test_the_question_is_a_form_that_keeps_its_origin() -> None:
    answer = asked_to_log_out(exchange_of(*NAVIGATES), "/oidc/logout")
    assert (answer.status, answer.code) == (200, "")
    assert b'<form method="post" action="/oidc/logout">' in answer.body
    assert dict(answer.fields)[b"Referrer-Policy"] == b"same-origin"


def test_a_redirect_is_kept_by_nobody() -> None:
    answer = sent_to("/a", b"one=1", b"two=2", status=303)
    assert answer.status == 303
    assert [value for name, value in answer.fields if name == b"Set-Cookie"] == [b"one=1", b"two=2"]
    assert (b"Cache-Control", b"no-store") in answer.fields

"""One test for each cell of the table, and for what becomes of a question."""

from __future__ import annotations

import pytest

from moongate.stores.decision import Asked, Knowledge, Standing, Verdict, judge

FRESH, STALE, EXPIRED, ABSENT = Standing.FRESH, Standing.STALE, Standing.EXPIRED, Standing.ABSENT
VALID, INVALID, UNKNOWN, MALFORMED = Knowledge.VALID, Knowledge.INVALID, Knowledge.UNKNOWN, Knowledge.MALFORMED
SERVE, REFUSE, ASK, UNAVAILABLE = Verdict.SERVE, Verdict.REFUSE, Verdict.ASK, Verdict.UNAVAILABLE

CELLS = [
    (FRESH, VALID, SERVE),
    (FRESH, INVALID, REFUSE),
    (FRESH, UNKNOWN, REFUSE),
    (FRESH, MALFORMED, REFUSE),
    (STALE, VALID, SERVE),
    (STALE, INVALID, REFUSE),
    (STALE, UNKNOWN, ASK),
    (STALE, MALFORMED, REFUSE),
    (EXPIRED, VALID, UNAVAILABLE),
    (EXPIRED, INVALID, REFUSE),
    (EXPIRED, UNKNOWN, UNAVAILABLE),
    (EXPIRED, MALFORMED, REFUSE),
    (ABSENT, VALID, UNAVAILABLE),
    (ABSENT, INVALID, REFUSE),
    (ABSENT, UNKNOWN, UNAVAILABLE),
    (ABSENT, MALFORMED, REFUSE),
]


@pytest.mark.parametrize(("standing", "knowledge", "verdict"), CELLS, ids=lambda value: value.name)
def test_cell(standing: Standing, knowledge: Knowledge, verdict: Verdict) -> None:
    assert judge(standing, knowledge) is verdict


def test_every_cell_is_tested() -> None:
    assert {(standing, knowledge) for standing, knowledge, _ in CELLS} == {(s, k) for s in Standing for k in Knowledge}


def test_accounts_answers_and_does_not_know_it() -> None:
    assert judge(STALE, UNKNOWN, Asked.UNKNOWN) is REFUSE


def test_accounts_is_down_and_nobody_can_say() -> None:
    assert judge(STALE, UNKNOWN, Asked.UNAVAILABLE) is UNAVAILABLE


@pytest.mark.parametrize(("standing", "knowledge", "verdict"), CELLS, ids=lambda value: value.name)
@pytest.mark.parametrize("asked", [Asked.UNKNOWN, Asked.UNAVAILABLE])
def test_nobody_is_asked_twice(standing: Standing, knowledge: Knowledge, verdict: Verdict, asked: Asked) -> None:
    assert judge(standing, knowledge, asked) is not ASK
    assert verdict is ASK or judge(standing, knowledge, asked) is verdict

"""What is handed about shows nothing of what is in it."""

from moongate.stores.provider import UNAVAILABLE, Answer, Granted, Question


def test_nothing_of_a_question_is_shown() -> None:
    assert "c1" not in repr(Question("p", "authorization_code", "c1", "http://a", "v1"))
    assert "v1" not in repr(Question("p", "authorization_code", "c1", "http://a", "v1"))
    assert "i1" not in repr(Answer("granted", Granted("i1", "r1")))


def test_where_nobody_answers_nothing_is_granted() -> None:
    assert UNAVAILABLE == ("unavailable", ("", "", 0.0, ""))

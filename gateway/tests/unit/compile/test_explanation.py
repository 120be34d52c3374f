from gateway_harness.controlling import snapshot
from moongate.compile.explanation import explain
from moongate.compile.offline import Request


def test_a_decision_with_its_reasons() -> None:
    explained = explain(snapshot("http://127.0.0.1:1"), Request("GET", "/a"))
    assert (explained["route"], explained["service"], explained["code"]) == ("r", "s", None)
    assert explained["targets"] == ["http://127.0.0.1:1"]
    assert [each["won"] for each in explained["considered"]] == [True]


def test_what_is_refused_before_it_is_routed() -> None:
    explained = explain(snapshot("http://127.0.0.1:1"), Request("GET", "/%zz"))
    assert (explained["route"], explained["status"], explained["code"]) == (None, 400, "bad_request")
    assert explained["considered"] == []

from moongate.core.fetching import Fetched, FetchFailed, shown_path


def test_an_answer_knows_its_fields() -> None:
    fetched = Fetched(200, b"X-User: ada\r\nx-user: bob\r\n", b"")
    assert fetched.get(b"x-user") == b"ada"
    assert fetched.get(b"x-other") is None


def test_why_there_is_none() -> None:
    assert FetchFailed("timeout").reason == str(FetchFailed("timeout")) == "timeout"


def test_a_query_may_hold_a_secret() -> None:
    assert [shown_path(path) for path in ("/a", "/a?", "/a?b=c?d")] == ["/a", "/a?...", "/a?..."]

"""What is shown once."""

from accounts.web.pages.once import KEPT_S, MAX_KEPT, Once


def test_it_is_taken_once_by_its_session_and_in_time() -> None:
    now = 0
    once = Once(lambda: now)
    once.keep("me", "a", "secret")
    assert once.take("you", "a") is None
    assert (once.take("me", "a"), once.take("me", "a")) == ("secret", None)
    once.keep("me", "a", "secret")
    now = KEPT_S * 1_000_000
    assert once.take("me", "a") is None


def test_it_is_bounded() -> None:
    once = Once(lambda: 0)
    for number in range(MAX_KEPT + 1):
        once.keep("me", str(number), "secret")
    assert (once.take("me", "0"), once.take("me", "1")) == (None, "secret")

"""Places for readers that wait."""

from servicekit.web.places import Places


def test_half_may_wait_and_the_rest_is_answered_at_once() -> None:
    places = Places(4)
    with places.wait(25) as first, places.wait(25) as second, places.wait(25) as third:
        assert (first, second, third) == (25, 25, 0)
    with places.wait(25) as again:
        assert again == 25


def test_one_thread_still_lets_one_wait() -> None:
    with Places(1).wait(3) as seconds:
        assert seconds == 3

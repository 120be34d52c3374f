from moongate.observe.counts import BOUNDS, METHODS, OTHER_METHOD, empty_histogram


def test_histograms_add_up() -> None:
    one, other = empty_histogram(), empty_histogram()
    assert len(one.buckets) == len(BOUNDS) + 1
    one.buckets[0], one.seconds = 2, 0.001
    other.buckets[0], other.buckets[-1], other.seconds = 1, 4, 80.0
    one.add(other)
    assert (one.buckets[0], one.buckets[-1], one.seconds) == (3, 4, 80.001)
    assert other.buckets[0] == 1


def test_no_method_that_is_told_apart_is_called_like_the_others() -> None:
    assert OTHER_METHOD not in METHODS.values()
    assert list(BOUNDS) == sorted(BOUNDS)

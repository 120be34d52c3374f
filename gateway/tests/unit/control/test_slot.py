from moongate.control.slot import Backoff


def test_longer_each_time_up_to_ten_seconds_and_from_the_start_after_a_steady_life() -> None:
    backoff = Backoff()
    assert [backoff.after(0.2) for _ in range(9)] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    assert backoff.after(60) == 0.1
    assert backoff.after(59) == 0.2

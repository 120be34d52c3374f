from moongate.compile import ListenerPlan
from moongate.worker.door_keys import door_keys


def test_keys_tell_listeners_apart_that_leave_the_port_to_the_system() -> None:
    plans = [ListenerPlan("127.0.0.1", 0), ListenerPlan("::1", 0), ListenerPlan("127.0.0.1", 0), ListenerPlan("::1", 8)]
    assert door_keys(plans) == [("127.0.0.1", 0, 0), ("::1", 0, 0), ("127.0.0.1", 0, 1), ("::1", 8, 0)]

import msgspec

from moongate.upstream.state import TargetState


def test_it_is_the_same_on_the_other_side() -> None:
    state = TargetState("s", "http://a:1", 3, 1, 2, 0, 4, None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=TargetState) == state

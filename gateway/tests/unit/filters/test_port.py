from moongate.filters import Tools


def test_what_is_kept_is_made_once() -> None:
    tools = Tools()
    first = tools.keep(("cache", 1), dict)
    first["a"] = 1
    assert tools.keep(("cache", 1), dict) is first
    assert tools.keep(("cache", 2), dict) is not first

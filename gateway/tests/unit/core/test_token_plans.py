from moongate.core.token_plans import KeySourcePlan


def test_a_source_is_called_by_where_its_keys_are() -> None:
    assert KeySourcePlan("https://a").name == "https://a"
    assert KeySourcePlan("a", "https://keys").name == "https://keys"

from moongate.core.exchange import Identity
from moongate.filters.identity_fields import identity_lines


def test_a_service_is_told_who_calls_and_by_what() -> None:
    assert identity_lines(Identity("cl_1", "api_key")) == b"X-Client-Id: cl_1\r\nX-Client-Credential: api_key\r\n"
    scoped = identity_lines(Identity("cl_1", "jwt", frozenset(("write", "read:all"))))
    assert scoped.endswith(b"X-Client-Scopes: read:all write\r\n")


def test_nothing_that_a_token_says_makes_a_line_of_its_own() -> None:
    lines = identity_lines(Identity("a\r\nX-Admin: 1 \u00e9,b", "jwt", frozenset(("x y",))))
    assert lines == (
        b"X-Client-Id: a%0D%0AX-Admin:%201%20%C3%A9%2Cb\r\nX-Client-Credential: jwt\r\nX-Client-Scopes: x%20y\r\n"
    )

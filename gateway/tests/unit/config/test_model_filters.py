import pytest

from moongate.compile.compiler import JUDGES
from moongate.config import Config, ConfigInvalid, parse
from moongate.config.model_filters import FILTER_KINDS, FieldsConfig, PythonConfig

HEAD = "version: 1\nservices: {api: {targets: [http://a]}}\n"


def parsed(filters: str, more: str = "") -> Config:
    text = f"{HEAD}{more}routes: [{{name: r, match: {{}}, service: api, filters: {filters}}}]\n"
    return parse(text, "gateway.yaml", JUDGES)


def problems(filters: str, more: str = "") -> list[str]:
    with pytest.raises(ConfigInvalid) as raised:
        parsed(filters, more)
    return [each.message for each in raised.value.problems]


def test_a_filter_is_a_name_or_written_out() -> None:
    config = parsed(
        "[tag, {request_headers: {remove: X-B}}, {python: 'a.b:c'}]",
        "filters: {tag: {request_headers: {set: {X-A: '1'}}}}\n",
    )
    uses = config.routes[0].filters
    assert uses is not None
    assert uses[0].use == "tag"
    assert uses[1].request_headers == FieldsConfig(remove=("X-B",))
    assert uses[2].python == PythonConfig(filter="a.b:c")
    assert config.filters["tag"].kind == "request_headers"


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("[tga]", "no filter is called 'tga'; did you mean 'tag'?"),
        (
            "[other]",
            (
                "no filter is called 'other'; known are 'tag', 'authenticate', 'authorize', 'forward_auth', "
                "'request_headers', 'response_headers', 'python'"
            ),
        ),
        (
            "[request_headers]",
            "request_headers needs settings: write {request_headers: {...}}, or name a filter under `filters`",
        ),
        ("[{}]", f"a filter is of one kind: {', '.join(FILTER_KINDS)}"),
        (
            "[{request_headers: {remove: a}, python: 'a:b'}]",
            "one filter is of one kind, and this names request_headers and python: make each an item of its own",
        ),
        ("[{request_header: {remove: a}}]", "unknown key `request_header`, did you mean `request_headers`?"),
        ("[{request_headers: {}}]", "nothing is changed: name fields under `set`, `add` or `remove`"),
        ("[{request_headers: {set: {'a b': c}}}]", "'a b' is no header name"),
        (
            "[{request_headers: {set: {Content-Length: '3'}}}]",
            "'Content-Length' belongs to the connection or to the gateway and is not for a filter to change",
        ),
        (
            "[{request_headers: {remove: [X-Client-Id]}}]",
            "'X-Client-Id' belongs to the connection or to the gateway and is not for a filter to change",
        ),
        (
            "[{request_headers: {set: {X_A: '3'}}}]",
            "'X_A': headers with _ in their name are dropped on the way; write X-A",
        ),
        (
            '[{response_headers: {set: {X-A: "a\\r\\nSet-Cookie: b"}}}]',
            "a header's value is printable ASCII, without line breaks and without spaces around it",
        ),
        ("[{python: my_filters}]", "'my_filters' is no place of a function: write package.module:function"),
    ],
)
def test_what_is_wrong_is_said(filters: str, said: str) -> None:
    assert said in problems(filters, "filters: {tag: {request_headers: {set: {X-A: '1'}}}}\n")


def test_names_under_defaults_are_looked_up_too() -> None:
    assert problems("[]", "defaults: {filters: [nothing]}\n") == [
        (
            "no filter is called 'nothing'; known are 'authenticate', 'authorize', 'forward_auth', "
            "'request_headers', 'response_headers', 'python'"
        )
    ]

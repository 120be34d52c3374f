"""Names that stand twice or for nothing; data of any shape is survived."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moongate.config.references import reference_problems


def test_repeated_and_unknown_names() -> None:
    data = {
        "listeners": [{"bind": "a"}, {"bind": "b"}, {"bind": "a"}],
        "services": {"api": {}},
        "routes": [{"name": "x", "service": "api"}, {"name": "x", "service": "apy"}, {"name": "x", "service": "web"}],
    }
    assert [(each.loc, each.message, each.see) for each in reference_problems(data)] == [
        (("listeners", 2, "bind"), "bind 'a' stands twice", ("listeners", 0, "bind")),
        (("routes", 1, "name"), "name 'x' stands twice", ("routes", 0, "name")),
        (("routes", 2, "name"), "name 'x' stands twice", ("routes", 0, "name")),
        (("routes", 1, "service"), "no service is called 'apy'; did you mean 'api'?", ()),
        (("routes", 2, "service"), "no service is called 'web'; known are 'api'", ()),
    ]


def test_a_service_that_has_problems_of_its_own_is_still_known() -> None:
    assert list(reference_problems({"services": {"api": None}, "routes": [{"service": "api"}]})) == []


def test_services_that_filters_ask() -> None:
    asking = {"forward_auth": {"service": "autz", "path": "/"}}
    data = {
        "services": {"api": {}, "authz": {}},
        "filters": {"ask": asking, "other": {"forward_auth": {"service": "authz"}}},
        "defaults": {
            "filters": ["ask", asking, {"authorize": {"opa": {"service": "apis"}}}, {"authorize": {"opa": 1}}]
        },
        "routes": [{"service": "api", "filters": [{"forward_auth": None}, asking]}],
    }
    message = "no service is called 'autz'; did you mean 'authz'?"
    assert [(each.loc, each.message) for each in reference_problems(data)] == [
        (("filters", "ask", "forward_auth", "service"), message),
        (("defaults", "filters", 1, "forward_auth", "service"), message),
        (("defaults", "filters", 2, "authorize", "opa", "service"), "no service is called 'apis'; did you mean 'api'?"),
        (("routes", 0, "filters", 1, "forward_auth", "service"), message),
    ]


@pytest.mark.parametrize(
    ("authenticate", "path"),
    [
        ({"methods": ["jwt", {"introspection": {"service": "x"}}]}, ("methods", 1)),
        ({"methods": {"introspection": {"service": "x"}}}, ("methods",)),
        ([{"introspection": {"service": "x"}}], (0,)),
    ],
)
def test_services_that_are_asked_about_tokens(authenticate: Any, path: tuple[str | int, ...]) -> None:
    data = {"services": {"idp": {}}, "filters": {"a": {"authenticate": authenticate}}}
    (found,) = reference_problems(data)
    assert found.loc == ("filters", "a", "authenticate", *path, "introspection", "service")


@pytest.mark.parametrize("services", [None, [], "x"])
def test_without_services_no_name_is_called_unknown(services: Any) -> None:
    assert list(reference_problems({"services": services, "routes": [{"service": "api"}]})) == []


SHAPES = st.recursive(
    st.none() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "service",
                    "bind",
                    "routes",
                    "services",
                    "listeners",
                    "filters",
                    "defaults",
                    "authorize",
                    "opa",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200)
@given(SHAPES)
def test_any_shape_is_survived(data: Any) -> None:
    list(reference_problems(data))

"""Cases beside a config, as a person writes them: a request, and what is expected to become of it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, ValidationError, model_validator

from moongate.config.document import Document
from moongate.config.interpolation import EMPTY_ENVIRONMENT
from moongate.config.model_base import StrictModel
from moongate.config.problem import ConfigInvalid, Finding, Loc, Problem
from moongate.config.sources import Sources
from moongate.config.wording import findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _checked_request(value: str) -> str:
    method, space, url = value.partition(" ")
    if not space or not method or not url.strip():
        raise ValueError(f"{value[:60]!r} is no request: write METHOD URL, as in GET /cars/7 or GET http://host/cars/7")
    return value


def _checked_pattern(value: str) -> str:
    *before, last = value.split("/")
    if "" in (*before, last):
        raise ValueError(f"{value[:60]!r} has an empty segment: write segments between single slashes, as in cars/*")
    if "**" in before:
        raise ValueError(f"{value[:60]!r}: ** stands only at the end")
    if any("*" in segment and segment != "*" for segment in (*before, last.replace("**", "*", 1))):
        raise ValueError(f"{value[:60]!r}: a * stands for a whole segment")
    return value


class CaseGrantConfig(StrictModel):
    """A grant that a client of accounts holds, its own or by a role."""

    resource: Annotated[str, AfterValidator(_checked_pattern)]
    """The pattern of resources: * is one segment, ** at the end any number."""
    actions: Annotated[tuple[str, ...], Field(min_length=1)]
    """As in read, create, update and delete; * is every one."""
    effect: Literal["allow", "deny"] = "allow"
    """A deny wins over whatever allows."""
    query: dict[str, str] = Field(default_factory=dict)
    """Query parameters that are forced on what it allows."""


class CaseClientConfig(StrictModel):
    """A client as accounts might have it."""

    grants: tuple[CaseGrantConfig, ...] = ()
    """What it may do."""
    scopes: tuple[str, ...] = ()
    """Scopes of the credential that it shows."""


class UpstreamConfig(StrictModel):
    """The request as the service would get it; only what is named is compared."""

    request: str | None = None
    """Its first line without the version, as in GET /cars/7?color=red."""
    headers: dict[str, str | None] = Field(default_factory=dict)
    """Header fields, by names in any case; an empty value expects that there is none. Of several of one name, the
    values are joined with a comma."""


class ExpectConfig(StrictModel):
    """What is expected; only what is named is compared."""

    route: str | None = None
    """The route that takes the request."""
    service: str | None = None
    """The service that it goes to."""
    parameters: dict[str, str] | None = None
    """What the path's placeholders stand for, all of them."""
    path: str | None = None
    """The canonical path: the one that is matched and forwarded."""
    status: int | None = None
    """The status, where the gateway answers itself."""
    code: str | None = None
    """The problem's code, where the gateway answers itself, as in route_not_found."""
    allow: tuple[str, ...] | None = None
    """The methods that a 405 names, in any order; HEAD comes with GET."""

    upstream: UpstreamConfig | None = None
    """The request as the service would get it, where a route takes it."""

    @model_validator(mode="after")
    def _something(self) -> ExpectConfig:
        if not self.model_fields_set:
            raise ValueError("nothing is expected: name a `route`, a `service`, a `status` or a `code`")
        return self


class CaseConfig(StrictModel):
    """One request, and what is expected to become of it."""

    name: str | None = None
    """Names the case in the report; the request where absent."""
    request: Annotated[str, AfterValidator(_checked_request)]
    """METHOD URL, as in GET /cars/7 or GET http://host/cars/7?color=red."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Header fields of the request."""
    client: str | None = None
    """Who is taken for authenticated, whatever the request shows, one of `clients`; an empty value is nobody. Without
    this key the route's filters are not asked who may do what."""
    grants: tuple[CaseGrantConfig, ...] | None = None
    """What the client may do in this case, in place of what `clients` says."""
    scopes: tuple[str, ...] | None = None
    """Scopes of what the client shows in this case, in place of what `clients` says."""
    expect: ExpectConfig
    """What is expected to become of it."""

    @property
    def asks_who_may(self) -> bool:
        """Whether the route's filters are run: `client` is there, be it empty."""
        return "client" in self.model_fields_set


class CasesConfig(StrictModel):
    """A file of cases."""

    config: str = "gateway.yaml"
    """The config, a file or a directory, relative to this file."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Variables for ${NAME} in the config, over those of the process: cases need no real secrets."""
    clients: dict[str, CaseClientConfig] = Field(default_factory=dict)
    """Clients that cases name, by id."""
    cases: Annotated[tuple[CaseConfig, ...], Field(min_length=1)]
    """The cases."""

    def client_of(self, case: CaseConfig) -> CaseClientConfig | None:
        """The client that makes the request, None where nobody in particular does."""
        if case.client is None:
            return None
        known = self.clients.get(case.client, CaseClientConfig())
        grants = known.grants if case.grants is None else case.grants
        return CaseClientConfig(grants=grants, scopes=known.scopes if case.scopes is None else case.scopes)


class Cases(NamedTuple):
    """A file of cases, and where in it everything stands."""

    config: CasesConfig
    sources: Sources

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem at ``loc``."""
        return self.sources.problem(Finding(loc, message))


def parse_cases(text: bytes | str, source: str) -> Cases:
    """The cases in ``text``. Raise `ConfigInvalid` with everything that is wrong."""
    sources = Sources([Document(text, source)], EMPTY_ENVIRONMENT)
    if not isinstance(sources.data, dict):
        raise ConfigInvalid(
            [*sources.problems, sources.problem(Finding((), "a file of cases is a mapping with `cases`"))]
        )
    if "cases" not in sources.data and "routes" in sources.data:
        message = f"this is a config; its cases stand beside it, in a file *_test.yaml with `config: {source}`"
        raise ConfigInvalid([sources.problem(Finding((), message))])
    problems = list(sources.problems)
    config: CasesConfig | None = None
    data: Mapping[str, Any] = sources.data
    try:
        config = CasesConfig.model_validate(data)
    except ValidationError as error:
        problems += [sources.problem(finding) for finding in findings(error, CasesConfig)]
    else:
        problems += [sources.problem(finding) for finding in _unknown_clients(config)]
    if problems or config is None:
        raise ConfigInvalid(problems)
    return Cases(config, sources)


def _unknown_clients(config: CasesConfig) -> Iterator[Finding]:
    for index, case in enumerate(config.cases):
        given = next((key for key in ("grants", "scopes") if getattr(case, key) is not None), None)
        if case.client is None and given is not None:
            yield Finding(("cases", index, given), f"`{given}` are a client's: name it with `client`")
        if case.client is not None and given is None and case.client not in config.clients:
            near = difflib.get_close_matches(case.client, list(config.clients), n=1, cutoff=0.6)
            hint = f"did you mean {near[0]!r}?" if near else "list it under `clients`, or give it `grants` here"
            yield Finding(("cases", index, "client"), f"no client is called {case.client!r}; {hint}")

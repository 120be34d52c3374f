"""What a person is shown where a login or a logout can not simply go on: one page without scripts, or problem+json for
whoever does not read pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from moongate.filters.same_site import is_navigation
from moongate.filters.verdicts import Refusal, Response

if TYPE_CHECKING:
    from moongate.core.errors import Failure
    from moongate.core.exchange import Exchange
    from moongate.core.message import Field

_NO_STORE: Final = (b"Cache-Control", b"no-store")
_NO_REFERRER: Final = (b"Referrer-Policy", b"no-referrer")  # the URL of a callback has a code in it
_SAME_REFERRER: Final = (b"Referrer-Policy", b"same-origin")  # without one a form's Origin would be null
_FIELDS: Final = (
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (b"X-Content-Type-Options", b"nosniff"),
    _NO_STORE,
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }}
body {{ max-width: 34rem; margin: 15vh auto 0; padding: 0 1.25rem; }}
h1 {{ font-size: 1.4rem; line-height: 1.25; }}
a, button {{ display: inline-block; margin-top: .5rem; padding: .5rem 1rem; border: 1px solid; border-radius: .4rem;
  font: inherit; color: inherit; background: none; text-decoration: none; cursor: pointer; }}
small {{ opacity: .7; }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{more}<p><small>{small}</small></p></main></body></html>
"""


def refused(
    exchange: Exchange, failure: Failure, reason: str, *, again: str = "", fields: tuple[Field, ...] = ()
) -> Refusal | Response:
    """``failure``, with ``fields`` of its own; ``again`` is the path where a person may start anew."""
    if not is_navigation(exchange):
        return Refusal(failure, reason, fields)
    link = f'<p><a href="{escape(again)}">Start again</a></p>' if again else ""
    body = _PAGE.format(
        title=failure.title, text=failure.detail, more=link, small=f"Request {exchange.id.decode('ascii')}"
    )
    retry = ((b"Retry-After", b"%d" % failure.retry_after),) if failure.retry_after else ()
    return Response(failure.status, body.encode(), (*_FIELDS, _NO_REFERRER, *retry, *fields), failure.code, reason)


def asked_to_log_out(exchange: Exchange, action: str) -> Response:
    """The question whether a person wants to log out, where another site led to it; ``action`` is the path that does
    it."""
    form = f'<form method="post" action="{escape(action)}"><button>Log out</button></form>'
    small = f"Request {exchange.id.decode('ascii')}"
    body = _PAGE.format(
        title="Log out?", text="Your session ends here, and at the identity provider.", more=form, small=small
    )
    return Response(200, body.encode(), (*_FIELDS, _SAME_REFERRER))


def sent_to(location: str, *cookies: bytes, status: int = 302) -> Response:
    """Somewhere else, with ``cookies``, values of Set-Cookie."""
    fields = (
        (b"Location", location.encode("ascii")),
        *((b"Set-Cookie", each) for each in cookies),
        _NO_STORE,
        _NO_REFERRER,
    )
    return Response(status, b"", fields)

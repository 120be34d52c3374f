"""What a provider is asked where people log in: a code or a refresh token for an ID token (RFC 6749 section 5). Asked
once however many workers want to know, within five seconds, and its access tokens go no further than here."""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote_plus

import msgspec

from moongate.control.tokens.fetch import FetchFailed
from moongate.core.clock import monotonic
from moongate.stores.provider import UNAVAILABLE, Answer, Granted

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.control.tokens.documents import Metadata
    from moongate.control.tokens.fetch import Posted
    from moongate.core.login_plans import ProviderPlan
    from moongate.net.tasks import Tasks
    from moongate.stores.provider import Question

    Reply = Callable[[Answer], None]

MAX_FLIGHTS: Final = 24  # fewer than connections: keys are fetched over them as well
KEPT_SECONDS: Final = 30.0
"""How long an answer with a new refresh token is given again to whoever shows the old one, which is good once (RFC 9700
section 4.14): a browser sends the cookie that it has with all that it asks for at a time."""
QUIET_SECONDS: Final = 2.0  # for any other answer: a provider that is down is not asked by every request
MAX_KEPT: Final = 1024
MAX_TOKEN_CHARS: Final = 8 * 1024
_ERROR: Final = re.compile(r"[a-z_]{1,48}")


class Poster(Protocol):
    """Whoever asks (`fetch.Fetcher`)."""

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Posted: ...


class _Granted(msgspec.Struct):
    """RFC 6749 section 5.1 and OpenID Connect Core 1.0 section 3.1.3.3; some write numbers as text."""

    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: float | str | None = None
    scope: str | None = None


class _Refused(msgspec.Struct):
    """RFC 6749 section 5.2."""

    error: str = ""


class Logins:
    """Questions under way, and answers that somebody may still want. ``metadata`` tells what a provider says of itself,
    by its URL; ``say`` reaches people."""

    def __init__(
        self, poster: Callable[[], Poster], metadata: Callable[[str], Metadata | None], say: Callable[[str], None]
    ) -> None:
        self._poster = poster
        self._metadata = metadata
        self._say = say
        self._said: dict[str, str] = {}
        self._flights: dict[Question, list[Reply]] = {}
        self._kept: dict[Question, tuple[float, Answer]] = {}
        self.providers: dict[str, ProviderPlan] = {}
        self.asked = 0

    def ask(self, question: Question, reply: Reply, tasks: Tasks) -> None:
        """``reply`` is told what comes of it."""
        until, answer = self._kept.get(question, (0.0, UNAVAILABLE))
        if until > monotonic():
            reply(answer)
        elif question in self._flights:
            self._flights[question].append(reply)
        elif len(self._flights) >= MAX_FLIGHTS or question.provider not in self.providers:
            reply(UNAVAILABLE)
        else:
            self._flights[question] = [reply]
            self.asked += 1
            tasks.spawn(self._fly(question, self.providers[question.provider]))

    async def _fly(self, question: Question, provider: ProviderPlan) -> None:
        answer = UNAVAILABLE
        try:
            answer = await self._ask(question, provider)
        except FetchFailed as failed:
            self._tell(provider, str(failed))
        finally:
            self._keep(question, answer)
            for reply in self._flights.pop(question):
                reply(answer)

    async def _ask(self, question: Question, provider: ProviderPlan) -> Answer:
        """Raises FetchFailed."""
        metadata = self._metadata(provider.issuer)
        if metadata is None:
            return UNAVAILABLE  # which the source of its keys has told
        if not (metadata.token_endpoint and metadata.authorization_endpoint):
            raise FetchFailed("names no endpoints for logins that are reached over https")
        form: dict[str, str] = {"grant_type": question.grant}
        if question.grant == "refresh_token":
            form["refresh_token"] = question.value
        else:
            form |= {"code": question.value, "redirect_uri": question.redirect_uri, "code_verifier": question.verifier}
        headers = {}
        if metadata.takes_basic:
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"  # RFC 6749 section 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        posted = await self._poster().post(metadata.token_endpoint, form, headers)
        answer = _refused(posted) if posted.status != 200 else Answer("granted", _granted(posted.body))
        self._said.pop(provider.name, None)
        return answer

    def _keep(self, question: Question, answer: Answer) -> None:
        if question.grant != "refresh_token":
            return  # a code is good once, and asked about once
        now = monotonic()
        self._kept = {each: kept for each, kept in self._kept.items() if kept[0] > now}  # they have tokens in them
        if len(self._kept) >= MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        seconds = KEPT_SECONDS if answer.granted.refresh_token not in ("", question.value) else QUIET_SECONDS
        self._kept[question] = now + seconds, answer

    def _tell(self, provider: ProviderPlan, trouble: str) -> None:
        """Once, until something else is the matter or everything is well."""
        if self._said.get(provider.name) != trouble:
            self._said[provider.name] = trouble
            self._say(f"provider {provider.issuer} {trouble}: nobody can log in there")


def _granted(body: bytes) -> Granted:
    """Raises FetchFailed."""
    said = _read(body, _Granted)
    id_token, refresh_token, scope = said.id_token or "", said.refresh_token or "", said.scope or ""
    if max(len(id_token), len(refresh_token), len(scope)) > MAX_TOKEN_CHARS:
        raise FetchFailed(f"gives tokens of more than {MAX_TOKEN_CHARS // 1024} KiB")
    try:
        seconds = float(said.expires_in or 0.0)
    except ValueError:
        seconds = 0.0
    is_said = math.isfinite(seconds) and seconds > 0  # of NaN no session would ever be renewed
    return Granted(id_token, refresh_token, seconds if is_said else 0.0, scope)


def _refused(posted: Posted) -> Answer:
    """Raises FetchFailed where it is not the code that is wrong, or the token."""
    if posted.status not in (400, 401, 403):
        raise FetchFailed(f"answers {posted.status} where a login ends")
    error = _read(posted.body, _Refused).error
    if error == "invalid_grant":
        return Answer("refused")
    shown = error if _ERROR.fullmatch(error) else "something else than RFC 6749 knows"
    hint = "; see client_id and client_secret" if error in ("invalid_client", "unauthorized_client") else ""
    raise FetchFailed(f"refuses the gateway ({shown}){hint}")


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise FetchFailed("answers in no way that is understood where a login ends") from None

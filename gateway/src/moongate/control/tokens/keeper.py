"""Keys for as long as a config names issuers, or tokens are signed: what workers are told and ask."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

from moongate.control.accounts.place import PlaceInvalid
from moongate.control.tokens.logins import Logins
from moongate.net.tasks import Tasks
from moongate.stores.keys import mark_of
from moongate.stores.provider import Provider
from moongate.worker import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from moongate.control.tokens.documents import Metadata
    from moongate.control.tokens.fetch import Fetcher
    from moongate.control.tokens.shelf import Shelf
    from moongate.control.tokens.signing import SigningKeys
    from moongate.control.tokens.source import Source
    from moongate.core.login_plans import LoginsPlan
    from moongate.core.token_plans import KeySourcePlan, SigningPlan, TokensPlan

    Tell = Callable[[messages.TokenOrder], None]

FIRST_SECONDS: Final = 3.0  # that a start or a reload waits for the first keys


class SourceState(NamedTuple):
    """For metrics: seconds since an issuer's keys were fetched, infinite where there are none; fetches and failures."""

    age: float
    is_fresh: bool
    fetches: int
    failures: int


class _Followed(NamedTuple):
    source: Source
    task: asyncio.Task[None]


class TokenKeys:
    """What control keeps of keys. ``tell`` reaches every worker, ``say`` people. Its parts are imported when they are
    needed: who has no tokens need bear neither an HTTP client nor joserfc."""

    def __init__(self, tell: Tell, say: Callable[[str], None]) -> None:
        self._tell = tell
        self.say = say
        self._tasks = Tasks()
        self._fetcher: Fetcher | None = None
        self._logins = Logins(self._fetching, self._metadata, say)
        self._session_keys: messages.SessionKeysHeld | None = None
        self._shelf: Shelf | None = None
        self._followed: dict[KeySourcePlan, _Followed] = {}
        self._signing: SigningKeys | None = None
        self._signing_task: asyncio.Task[None] | None = None
        self._kept: TokensPlan | None = None

    @staticmethod
    def judge(plan: TokensPlan | None) -> None:
        """Raises PlaceInvalid where keys to sign with can not be kept where ``plan`` wants them; makes them there."""
        if plan is not None and plan.signing is not None:
            from moongate.control.tokens.signing import SigningKeys

            SigningKeys(plan.signing, lambda _: None)
        if plan is not None and plan.logins is not None:
            from moongate.control.tokens.session_keys import session_keys

            session_keys(plan.logins)

    async def begin(self, plan: TokensPlan | None) -> None:
        """Keep what ``plan``, which `judge` has seen, needs as well. Waits for keys of which there are none yet, not
        for long: an issuer that is down must not keep a gateway from serving everything else."""
        if plan is None:
            return
        if plan.signing is not None and (self._signing is None or self._signing.plan != plan.signing):
            self._sign(plan.signing)
        if plan.logins is not None:
            self._logins.providers |= {each.name: each for each in plan.logins.providers}
            self._seal(plan.logins)
        new = [self._follow(source, plan.key_sets) for source in plan.sources if source not in self._followed]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                for source in new:
                    if source.kept is None:
                        await source.looked.wait()

    def keep(self, plan: TokensPlan | None) -> None:
        """Keep what ``plan`` needs alone, which was begun: it is served from now on."""
        self._kept = plan
        self.abandon()

    def abandon(self) -> None:
        """What was begun and not kept is not wanted."""
        plan = self._kept
        for source in self._followed.keys() - set(() if plan is None else plan.sources):
            self._followed.pop(source).task.cancel()
            if source.name not in {each.name for each in self._followed}:
                self._tell(messages.KeysGone(source.name))
        if (
            plan is not None
            and plan.signing is not None
            and self._signing is not None
            and self._signing.plan != plan.signing
        ):
            self._sign(plan.signing)
        logins = None if plan is None else plan.logins
        self._logins.providers = {} if logins is None else {each.name: each for each in logins.providers}
        if logins is not None:
            self._seal(logins)

    def greet(self, tell: Tell) -> None:
        """Tell a worker that has just started what all others know."""
        for followed in self._followed.values():
            order = _order(followed.source)
            if order is not None:
                tell(order)
            description = _described(followed.source)
            if description is not None:
                tell(description)
        if self._signing is not None:
            tell(self._signing.state())
        if self._session_keys is not None:
            tell(self._session_keys)

    def heard(self, report: messages.TokenReport, tell: Tell) -> None:
        """What a worker wants; ``tell`` answers that worker."""
        if isinstance(report, messages.LoginAsked):
            number = report.number
            self._logins.ask(report.question, lambda answer: tell(messages.LoginAnswered(number, answer)), self._tasks)
            return
        name = report.source
        for plan, followed in self._followed.items():
            if plan.name != name:
                continue
            order = _order(followed.source)
            if isinstance(order, messages.KeysHeld) and mark_of(order.document.encode()) != report.held:
                # Its keys are on their way to it. To look for others would leave none to look for when there are some.
                tell(order)
                tell(messages.KeysAnswered(name, 0.0))
            else:
                followed.source.want(lambda seconds: tell(messages.KeysAnswered(name, seconds)))
            return

    def held(self, source: Source) -> None:
        """A source has other keys, or none any more."""
        self._tell(_order(source) or messages.KeysGone(source.plan.name))

    def described(self, source: Source) -> None:
        """An issuer says something else of itself."""
        description = _described(source)
        if description is not None:
            self._tell(description)

    def states(self) -> dict[str, SourceState]:
        """For metrics, by the names of the sources."""
        return {
            plan.name: SourceState(source.age(), source.is_fresh, source.fetches, source.failures)
            for plan, (source, _) in self._followed.items()
        }

    async def close(self) -> None:
        await self._tasks.cancel()
        if self._fetcher is not None:
            await self._fetcher.close()

    def _follow(self, plan: KeySourcePlan, path: str) -> Source:
        from moongate.control.tokens.shelf import Shelf
        from moongate.control.tokens.source import Source

        if self._shelf is None or self._shelf.path != path:
            self._shelf = Shelf(path, self.say)
        source = Source(plan, self._fetching(), self._shelf, self)
        self._followed[plan] = _Followed(source, self._tasks.spawn(source.follow()))
        if source.kept is not None:
            self.held(source)
        return source

    def _fetching(self) -> Fetcher:
        from moongate.control.tokens.fetch import Fetcher

        if self._fetcher is None:
            self._fetcher = Fetcher()
        return self._fetcher

    def _metadata(self, issuer: str) -> Metadata | None:
        """What the provider of that URL says of itself."""
        found = (each.source.metadata for plan, each in self._followed.items() if plan.issuer == issuer)
        return next((each for each in found if each is not None), None)

    def _seal(self, plan: LoginsPlan) -> None:
        """Sessions are sealed as ``plan`` has it from now on."""
        from moongate.control.tokens.session_keys import session_keys

        try:
            held = messages.SessionKeysHeld(session_keys(plan))
        except PlaceInvalid as invalid:  # it could be read a moment ago
            self.say(str(invalid))
            return
        if held != self._session_keys:
            self._session_keys = held
            self._tell(held)

    def _sign(self, plan: SigningPlan) -> None:
        from moongate.control.tokens.signing import SigningKeys

        if self._signing_task is not None:
            self._signing_task.cancel()
        try:
            self._signing = SigningKeys(plan, self.say)
        except PlaceInvalid as invalid:  # it could be kept a moment ago
            self.say(str(invalid))
            return
        self._tell(self._signing.state())
        self._signing_task = self._tasks.spawn(self._signing.follow(self._tell))


def _described(source: Source) -> messages.ProviderHeld | None:
    """None where nobody can log in."""
    metadata = source.metadata
    if metadata is None or not metadata.authorization_endpoint:
        return None
    provider = Provider(metadata.authorization_endpoint, metadata.end_session_endpoint, metadata.names_itself)
    return messages.ProviderHeld(source.plan.issuer, provider)


def _order(source: Source) -> messages.KeysHeld | None:
    kept = source.kept
    return None if kept is None else messages.KeysHeld(source.plan.name, kept.document, source.is_fresh)

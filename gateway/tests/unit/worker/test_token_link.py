"""Each message becomes the one call that it means, and each wish one message."""

import asyncio

from moongate.stores.key_sets import KeySets
from moongate.stores.keys import mark_of
from moongate.stores.logins import Logins
from moongate.stores.provider import Answer, Granted, Provider, Question
from moongate.stores.signing import Signing
from moongate.worker import messages
from moongate.worker.token_link import TokenLink


def test_both_ways() -> None:
    async def story() -> None:
        sent: list[messages.TokenReport] = []
        key_sets, signing, logins = KeySets(), Signing(), Logins()
        link = TokenLink(key_sets, signing, logins, sent.append)
        waiting = key_sets.wait("a")
        assert waiting is not None
        assert sent == [messages.KeysWanted("a")]
        link.obey(messages.KeysHeld("a", "{}", True))
        assert key_sets.held("a") == (b"{}", True)
        link.want("a")
        assert sent[1] == messages.KeysWanted("a", mark_of(b"{}"))
        link.obey(messages.KeysAnswered("a", 5.0))
        assert await waiting
        assert key_sets.wait("a") is None
        link.obey(messages.KeysGone("a"))
        assert key_sets.held("a") is None
        link.obey(messages.SigningKeyHeld("k", b"{}", "moongate", b"set"))
        assert signing.current == ("k", b"{}", "moongate")
        assert signing.jwks == b"set"
        link.obey(messages.SessionKeysHeld([b"1", b"2"]))
        assert logins.keys == (b"1", b"2")
        provider = Provider("https://id/authorize", "", names_itself=True)
        link.obey(messages.ProviderHeld("https://id", provider))
        assert logins.provider("https://id") == provider
        question = Question("p", "refresh_token", "r")
        asked = logins.ask(question)
        assert sent[2] == messages.LoginAsked(1, question)
        link.obey(messages.LoginAnswered(1, Answer("granted", Granted("i"))))
        assert await asked == ("granted", ("i", "", 0.0, ""))

    asyncio.run(story())

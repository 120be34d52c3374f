"""`/clients/{id}/keys`: make, rotate and revoke keys. The text of a new one is on the next page, once."""

from collections.abc import Callable

from flask import g
from werkzeug.wrappers import Response

from accounts.service import keys
from accounts.service.keys import KeyDraft, NewKey
from accounts.service.ports import Transaction
from accounts.web.pages import one_client
from accounts.web.pages.forms import REFUSALS, refuse
from accounts.web.pages.shell import Shell, see_other
from servicekit.core.values import ANY


def add(shell: Shell) -> None:
    """The routes of keys."""
    services = shell.services

    def make(ident: str, name: str, prepare: Callable[[], Callable[[Transaction], NewKey]]) -> Response:
        try:
            made = shell.change(prepare())
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse(name, g.form, error))
        shell.once.keep(g.session.ident, ident, made.text)
        return see_other(one_client.path_of(ident, "new-key"))

    @shell.routes.post("/clients/<ident>/keys")
    def create_key(ident: str) -> Response:
        def prepare() -> Callable[[Transaction], NewKey]:
            form, pepper = g.form, services.peppers.current()
            draft = KeyDraft(form.text("name"), form.text("env"), form.words("scopes"), form.day("expires"))
            return lambda tx: keys.create(tx, ident, draft, pepper, services.clock())

        return make(ident, "key", prepare)

    @shell.routes.post("/clients/<ident>/keys/<key>/rotate")
    def rotate_key(ident: str, key: str) -> Response:
        def prepare() -> Callable[[Transaction], NewKey]:
            # Left out, the old key would end at once, which breaks callers: refused as a value that is none.
            seconds = g.form.number("overlap_seconds")
            overlap, pepper = -1 if seconds is None else seconds, services.peppers.current()
            return lambda tx: keys.rotate(tx, (ident, key), overlap, pepper, services.clock())

        return make(ident, f"key-{key}", prepare)

    @shell.routes.post("/clients/<ident>/keys/<key>/revoke")
    def revoke_key(ident: str, key: str) -> Response:
        try:
            shell.change(lambda tx: keys.revoke(tx, (ident, key), ANY, services.clock()))
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse(f"key-{key}", g.form, error))
        return see_other(one_client.path_of(ident, "keys"))

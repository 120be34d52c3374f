"""`/clients/{id}/grants`: give grants and take them back."""

from flask import g
from werkzeug.wrappers import Response

from accounts.domain.errors import InvalidValueError
from accounts.domain.grant import Effect, Grant
from accounts.service import grants
from accounts.service.keys import check_expiry
from accounts.web.pages import one_client
from accounts.web.pages.forms import REFUSALS, Form, refuse
from accounts.web.pages.shell import Shell, see_other


def add(shell: Shell) -> None:
    """The routes of grants."""
    clock = shell.services.clock

    @shell.routes.post("/clients/<ident>/grants")
    def create_grant(ident: str) -> Response:
        try:
            grant = read_grant(g.form, clock())
            shell.change(lambda tx: grants.create(tx, ident, grant, clock()))
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse("grant", g.form, error))
        return see_other(one_client.path_of(ident, "grants"))

    @shell.routes.post("/clients/<ident>/grants/<grant>/remove")
    def remove_grant(ident: str, grant: str) -> Response:
        try:
            shell.change(lambda tx: grants.remove(tx, ident, grant))
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse(f"grant-{grant}", g.form, error))
        return see_other(one_client.path_of(ident, "grants"))


def read_grant(form: Form, now: int) -> Grant:
    """The grant that a form describes. Raises InvalidValueError."""
    effect = form.text("effect")
    if effect not in ("allow", "deny"):
        raise InvalidValueError("effect", "bad_effect", "must be allow or deny")
    expires = form.day("expires")
    check_expiry(expires, now)
    return Grant(form.text("resource"), form.words("actions"), Effect(effect), expires, form.members("query"))

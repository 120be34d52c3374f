"""`/`: the clients; and of each its status, plan and roles."""

from typing import Annotated, Literal

from flask import g, request
from pydantic import StringConstraints
from werkzeug.wrappers import Response

from accounts.domain.client import ClientStatus
from accounts.domain.errors import InvalidValueError
from accounts.service import clients
from accounts.service.clients import ClientDraft
from accounts.service.ports import ClientQuery
from accounts.web.clients import client_position
from accounts.web.pages import one_client
from accounts.web.pages.forms import REFUSALS, Refused, refuse
from accounts.web.pages.shell import Shell, page, see_other
from accounts.web.tools import pager
from servicekit.core.values import ANY, Expected
from servicekit.web.body import read_query
from servicekit.web.shapes import Closed, Cursor

PAGE = 50


class ClientsPage(Closed):
    """What the list shows. An empty field of its form asks for nothing."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    status: Literal["", "active", "suspended", "closed"] = ""
    cursor: Cursor | None = None


def add(shell: Shell) -> None:
    """The routes of clients."""
    services, paging = shell.services, pager(shell.services)

    def show(refused: Refused | None = None) -> Response:
        asked = ClientsPage() if refused else read_query(request, ClientsPage)
        position = paging.position(asked.cursor)
        status = ClientStatus(asked.status) if asked.status else None
        query = ClientQuery(PAGE + 1, status, asked.name, "" if position is None else position.ident)
        found = services.store.read(lambda tx: tx.clients.page(query))
        following = paging.following(client_position(found[PAGE - 1]))[1] if len(found) > PAGE else None
        return page("clients.html", refused=refused, asked=asked, clients=found[:PAGE], following=following)

    @shell.routes.get("/")
    def list_clients() -> Response:
        return show()

    @shell.routes.post("/clients")
    def create_client() -> Response:
        try:
            draft = ClientDraft(g.form.text("name"), labels=g.form.members("labels"))
            made = shell.change(lambda tx: clients.create(tx, draft, services.clock()))
        except REFUSALS as error:
            return show(refuse("client", g.form, error))
        return see_other(one_client.path_of(made))

    @shell.routes.get("/clients/<ident>")
    def get_client(ident: str) -> Response:
        return one_client.show(shell, ident)

    @shell.routes.post("/clients/<ident>/status")
    def change_status(ident: str) -> Response:
        try:
            match g.form.text("status"):
                case "closed":
                    if g.form.text("name") != services.store.read(lambda tx: clients.find(tx, ident)).name:
                        raise InvalidValueError("name", "not_confirmed", "type the client's name: closing is for good")
                    shell.change(lambda tx: clients.close(tx, ident, ANY, services.clock()))
                case "active" | "suspended" as status:
                    shell.change(lambda tx: clients.change(tx, ident, {"status": ClientStatus(status)}, ANY))
                case _:
                    raise InvalidValueError("", "bad_status", "that is no status of a client")
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse("status", g.form, error))
        return see_other(one_client.path_of(ident))

    @shell.routes.post("/clients/<ident>/belongings")
    def change_belongings(ident: str) -> Response:
        patch = {"plan": g.form.text("plan") or None, "roles": g.form.every("roles")}
        try:
            # What the form was filled in from: a change of somebody else since then is not overwritten.
            expected = Expected(frozenset({g.form.number("version") or 0}))
            shell.change(lambda tx: clients.change(tx, ident, patch, expected))
        except REFUSALS as error:
            return one_client.show(shell, ident, refuse("belongings", g.form, error))
        return see_other(one_client.path_of(ident))

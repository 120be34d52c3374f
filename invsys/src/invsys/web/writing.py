"""How the routes of the inventory write, and what their cursors are signed with."""

from flask import request

from invsys.bootstrap.wiring import Services
from invsys.service.ports import Transaction
from invsys.web.problems import PROBLEMS
from servicekit.web.pages import Pager
from servicekit.web.problems import RefusalError
from servicekit.web.writing import Writer

MAX_ACTOR = 200


def build_writer(services: Services) -> Writer[Transaction]:
    """Changes are told to the history as those of whom the header of the trusted proxy names, where there is one."""
    header = services.settings.actor_header

    def actor() -> str:
        name = request.headers.get(header, "") if header else ""
        if len(name) > MAX_ACTOR:  # cut, two of them could become one
            raise RefusalError(400, "bad_actor", f"{header} is longer than {MAX_ACTOR} characters")
        return name

    return Writer(services.store.write, PROBLEMS, services.clock, actor)


def build_pager(services: Services) -> Pager:
    """Cursors hold in every process on the database, and for its lifetime."""
    return Pager(lambda: services.store.read(lambda tx: tx.secret("cursor")))

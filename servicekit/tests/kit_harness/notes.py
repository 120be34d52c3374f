"""The service: notes with a text, in one file because its tests are about what it uses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from flask import Blueprint, Flask, Response, request
from pydantic import Field, StringConstraints
from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, MetaData, Table, Text, select

from servicekit.core.clock import wall_clock
from servicekit.core.idempotency import Answer
from servicekit.core.values import Expected, Origin, Position
from servicekit.storage.answer_rows import AnswerStatements, SqlIdempotencyRows
from servicekit.storage.engine import build_engine
from servicekit.storage.migrate import Migrations
from servicekit.storage.numbers import Numbers
from servicekit.storage.tables import answers_table, feed_table, read_secret, secrets_table
from servicekit.storage.transactions import Transactions
from servicekit.web import answers, compress, health, observe
from servicekit.web.body import read_body, read_nothing, read_query
from servicekit.web.conditions import expected, unless_known
from servicekit.web.pages import Pager
from servicekit.web.problems import Problems, problem
from servicekit.web.shapes import LINE, Closed, Cursor, Limit, NoQuery, Spelled
from servicekit.web.writing import Writer

T = TypeVar("T")

metadata = MetaData()
notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
ANSWERS = AnswerStatements(answers_table(metadata))
SECRETS = secrets_table(metadata)
NUMBERS = Numbers(feed_table(metadata))
MIGRATIONS = Migrations("kit_harness", "notes")


class NoteIn(Closed):
    text: Annotated[str, StringConstraints(min_length=1, max_length=5000, pattern=LINE)]
    more: Any = None
    names: dict[Annotated[str, Spelled("^[a-z]+$", "must be a word")], str] = Field(default={})


class NotesQuery(Closed):
    limit: Limit = 50
    cursor: Cursor | None = None
    prefix: str | None = None
    label: dict[str, str] = Field(default={})


class NoNoteError(Exception):
    """There is no such note."""


class Notes:
    """A transaction."""

    def __init__(self, connection: Connection, origin: Origin) -> None:
        self.connection = connection
        self.origin = origin
        self.idempotency = SqlIdempotencyRows(connection, ANSWERS)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        with self.connection.begin_nested():
            yield

    def add(self, text: str) -> dict[str, Any]:
        seq = NUMBERS.take(self.connection, 1)
        note = {"id": f"n{seq:06}", "text": text, "version": 1, "actor": self.origin.actor, "seq": seq}
        self.connection.execute(notes.insert(), note)
        return note

    def get(self, ident: str) -> dict[str, Any]:
        found = self.connection.execute(select(notes).where(notes.c.id == ident)).mappings().first()
        if found is None:
            raise NoNoteError
        return dict(found)

    def change(self, ident: str, text: str, condition: Expected) -> dict[str, Any]:
        note = self.get(ident)
        condition.check(note["version"])
        changed = {**note, "text": text, "version": note["version"] + 1}
        self.connection.execute(notes.update().where(notes.c.id == ident), changed)
        return changed

    def page(self, limit: int, after: Position | None, prefix: str) -> list[Any]:
        statement = select(notes).order_by(notes.c.id).limit(limit + 1).where(notes.c.text.startswith(prefix))
        if after is not None:
            statement = statement.where(notes.c.id > after.ident)
        return list(self.connection.execute(statement).mappings())


class NotesStore:
    """Opened on a database URL; nothing is connected before it is used."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = build_engine(url, 4, "notes")
        self._transactions = Transactions(self.engine)

    def read(self, work: Callable[[Notes], T]) -> T:
        return self._transactions.read(lambda connection: work(Notes(connection, Origin())))

    def write(self, work: Callable[[Notes], T], origin: Origin) -> T:
        return self._transactions.write(lambda connection: work(Notes(connection, origin)))

    def secret(self) -> bytes:
        return self.read(lambda tx: read_secret(tx.connection, SECRETS, "cursor"))


def migrate(url: str) -> None:
    """Bring the database to the newest schema."""
    engine = build_engine(url, 1, "notes")
    MIGRATIONS.run(engine)
    engine.dispose()


def describe(error: Exception) -> dict[str, Any] | None:
    """The refusal of this service."""
    return problem(404, "note_not_found", "there is no such note") if isinstance(error, NoNoteError) else None


def create_notes(store: NotesStore) -> Flask:
    """The application."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    problems = Problems(describe)
    compress.install(app)
    app.register_blueprint(observe.install(app, "notes"))
    problems.install(app)
    app.register_blueprint(health.build(lambda: MIGRATIONS.problem(store.engine)))
    app.register_blueprint(_routes(store, problems))
    return app


def _routes(store: NotesStore, problems: Problems) -> Blueprint:
    routes = Blueprint("notes", __name__, url_prefix="/notes")
    pager = Pager(store.secret)
    writer = Writer(store.write, problems, wall_clock, lambda: request.headers.get("X-Actor", ""))

    @routes.post("")
    def create_note() -> Response:
        read_query(request, NoQuery)
        body, raw = read_body(request, NoteIn)

        def work(tx: Notes) -> Answer:
            note = tx.add(body.text)
            return answers.one(note, 201, f"/notes/{note['id']}")

        return writer.run(work, raw, needs_key=True)

    @routes.get("")
    @routes.get("/others")
    def list_notes() -> Response:
        asked = read_query(request, NotesQuery)
        after = pager.position(asked.cursor)
        rows = store.read(lambda tx: tx.page(asked.limit, after, asked.prefix or ""))
        return pager.page(rows, asked.limit, lambda row: Position(None, row["id"]), dict)

    @routes.get("/<ident>")
    def get_note(ident: str) -> Response:
        return unless_known(request, answers.one(store.read(lambda tx: tx.get(ident))))

    @routes.patch("/<ident>")
    def change_note(ident: str) -> Response:
        condition = expected(request)
        body, raw = read_body(request, NoteIn)
        return writer.run(lambda tx: answers.one(tx.change(ident, body.text, condition)), raw)

    @routes.post("/<ident>/touch")
    def touch_note(ident: str) -> Response:
        read_nothing(request)
        condition = expected(request, required=False)
        return writer.run(lambda tx: answers.one(tx.change(ident, "touched", condition)), None)

    @routes.get("/bug")
    def fail() -> Response:
        raise KeyError("secret detail")

    return routes

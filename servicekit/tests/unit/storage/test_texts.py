"""Texts, on both engines."""

from sqlalchemy import Column, MetaData, Table, select

from servicekit.storage.engine import WRITES, build_engine
from servicekit.storage.texts import LAST_CHARACTER, SortedText, unless_taken

NAMES = Table("names", MetaData(), Column("name", SortedText, primary_key=True))


def test_names_are_taken_once_and_stand_in_one_order(database_url: str) -> None:
    engine = build_engine(database_url, 1, "notes").execution_options(**{WRITES: True})
    NAMES.metadata.create_all(engine)
    with engine.begin() as connection:
        for name in ("b", "a_", "a-", "B", "ab", "a"):
            assert unless_taken(connection, NAMES.insert().values(name=name))
        assert not unless_taken(connection, NAMES.insert().values(name="b"))
        assert not unless_taken(connection, NAMES.insert(), [{"name": "new"}, {"name": "b"}])
        # The refusal left the transaction usable, and nothing of what was refused.
        prefixed = select(NAMES.c.name).where(NAMES.c.name >= "a", NAMES.c.name <= "a" + LAST_CHARACTER)
        assert list(connection.execute(prefixed.order_by(NAMES.c.name)).scalars()) == ["a", "a-", "a_", "ab"]
        assert next(iter(connection.execute(select(NAMES.c.name).order_by(NAMES.c.name)).scalars())) == "B"
    engine.dispose()

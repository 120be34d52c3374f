"""Tables that every service has."""

import pytest
from sqlalchemy.exc import NoResultFound

from kit_harness.notes import SECRETS, NotesStore
from servicekit.storage.tables import read_secret


def test_a_secret_is_the_same_in_every_process(store: NotesStore) -> None:
    assert store.secret() == store.secret()
    assert len(store.secret()) == 32
    with pytest.raises(NoResultFound):
        store.read(lambda tx: read_secret(tx.connection, SECRETS, "other"))

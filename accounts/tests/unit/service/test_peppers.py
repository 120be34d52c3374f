"""Peppers, on both engines."""

from pathlib import Path

import pytest

from accounts.bootstrap.wiring import Services
from accounts.domain.errors import NotFoundError, PepperUnavailableError, StateConflictError
from accounts.service import keys, peppers
from accounts_harness.making import SOMEBODY, make_client, make_key
from servicekit.core.values import ANY


def test_new_keys_are_made_under_the_newest_and_old_ones_still_open(services: Services) -> None:
    client = make_client(services)
    old = make_key(services, client)
    assert peppers.rotate(services.store, services.peppers, SOMEBODY).version == 2
    new = make_key(services, client)
    assert (old.key.secret.pepper, new.key.secret.pepper) == (1, 2)
    held, now = services.peppers.all(), services.clock()
    assert keys.opens(old.key, old.text, held, now)
    assert keys.opens(new.key, new.text, held, now)
    change = services.store.read(lambda tx: tx.feed.changes(tx.feed.state().last - 2, 1))[0]
    assert (change.kind, change.id) == ("pepper", "2")
    assert change.record == "{}"


def test_a_rotation_that_was_interrupted_is_finished_by_the_next(services: Services) -> None:
    services.peppers.add()  # what it had done when the database did not answer, or it was killed
    made = make_key(services, make_client(services))
    assert made.key.secret.pepper == 2
    assert peppers.rotate(services.store, services.peppers, SOMEBODY).version == 2
    state = services.store.read(lambda tx: tx.feed.state())
    told = services.store.read(lambda tx: tx.feed.changes(0, 1000))
    assert ("pepper", "2") in {(change.kind, change.id) for change in told if change.seq <= state.last}
    assert peppers.rotate(services.store, services.peppers, SOMEBODY).version == 3


def test_a_pepper_that_is_needed_stays(services: Services) -> None:
    client = make_client(services)
    old = make_key(services, client)
    peppers.rotate(services.store, services.peppers, SOMEBODY)

    def retire(version: int) -> None:
        peppers.retire(services.store, services.peppers, version, services.clock, SOMEBODY)

    with pytest.raises(StateConflictError):
        retire(1)
    services.store.write(lambda tx: keys.revoke(tx, (client.id, old.key.id), ANY, services.clock()))
    with pytest.raises(StateConflictError):
        retire(1)  # the first admin's token and the first gateway's credential
    with pytest.raises(StateConflictError):
        retire(2)
    with pytest.raises(NotFoundError):
        retire(3)
    assert set(services.peppers.all()) == {1, 2}


def test_a_file_of_another_database_is_found_out(services: Services) -> None:
    peppers.check(services.store, services.peppers)
    path = Path(services.settings.pepper_file)
    kept = path.read_text()
    path.unlink()
    services.peppers.create()
    with pytest.raises(PepperUnavailableError):
        peppers.check(services.store, services.peppers)
    path.write_text(kept)
    peppers.check(services.store, services.peppers)

"""Use cases on peppers: the keys of the hashes of credentials, which live in a file outside of the database.

The database remembers a fingerprint of each, so that a file that is not the one its credentials were made under is
found out at the start, and not by every key being refused.
"""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.domain.credentials import Pepper
from accounts.domain.errors import NotFoundError, PepperUnavailableError, StateConflictError
from accounts.domain.times import in_seconds
from accounts.service.ports import KnownPepper, Peppers, Store, Transaction
from accounts.service.records import PEPPER
from servicekit.core.values import Origin


def trouble(tx: Transaction, held: Mapping[int, Pepper]) -> str | None:
    """What is wrong with the file's peppers for this database, or None."""
    for known in tx.peppers.all():
        pepper = held.get(known.version)
        if pepper is None:
            return f"lacks version {known.version}, which this database needs: restore the file that belongs to it"
        if pepper.fingerprint != known.fingerprint:
            return f"has another version {known.version} than this database was filled under: restore its own file"
    return None


def register(tx: Transaction, pepper: Pepper) -> None:
    """Let the database and gateways know of a pepper, unless they do."""
    if not tx.peppers.add(KnownPepper(pepper.version, pepper.fingerprint)):
        return
    tx.audit.record("pepper.added", f"pepper/{pepper.version}", {"fingerprint": pepper.fingerprint})
    publish: dict[str, Any] = {}  # the secret stays in the file: whoever reads the feed is given it from there
    tx.feed.publish(PEPPER, str(pepper.version), publish)


def rotate(store: Store, peppers: Peppers, origin: Origin) -> Pepper:
    """Make the next pepper: new credentials are made under it, old ones keep theirs until they are replaced.

    One in the file that the database does not know, since a rotation was interrupted, is the next: gateways refuse what
    is made under it until they are told.
    """
    known = {one.version for one in store.read(lambda tx: tx.peppers.all())}
    pepper = peppers.current()
    if pepper.version in known:
        pepper = peppers.add()
    # The file first: a credential under a pepper that is in no file opens nothing.
    store.write(lambda tx: register(tx, pepper), origin)
    return pepper


def retire(store: Store, peppers: Peppers, version: int, now: Callable[[], int], origin: Origin) -> None:
    """Throw a pepper away that nothing live was made under. Raises NotFoundError and StateConflictError."""
    if version == peppers.current().version:
        raise StateConflictError("pepper_current", "is what new credentials are made under: rotate first")

    def work(tx: Transaction) -> None:
        if all(known.version != version for known in tx.peppers.all()):
            raise NotFoundError("pepper", str(version))
        live = tx.keys.count_live_under(version, in_seconds(now()))
        if live or tx.peppers.in_use(version):
            what = f"{live} live keys" if live else "a gateway, an admin token, a client secret or a signing key"
            raise StateConflictError("pepper_in_use", f"{what} made under it would be refused: rotate those first")
        tx.peppers.remove(version)
        tx.audit.record("pepper.retired", f"pepper/{version}", {})
        tx.feed.publish(PEPPER, str(version), None)

    store.write(work, origin)
    peppers.remove(version)


def check(store: Store, peppers: Peppers) -> None:
    """Raises PepperUnavailableError when the file is not the one this database needs."""
    held = peppers.all()
    found = store.read(lambda tx: trouble(tx, held))
    if found is not None:
        raise PepperUnavailableError(f"the pepper file {found}")

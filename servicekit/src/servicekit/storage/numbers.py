"""Numbers of changes, without gaps, in the order of commits.

They come from the one row of `feed`, taken as the last act of a transaction: whoever has it holds it until the
commit, so numbers follow the order of commits and none is ever left out. A database sequence promises neither. The
price is that commits of changes pass one by one, as they do on SQLite anyway.
"""

from sqlalchemy import BigInteger, Connection, Table, bindparam, select, update


class Numbers:
    """The numbers of one `feed` table."""

    def __init__(self, feed: Table) -> None:
        count = bindparam("count", type_=BigInteger)
        self._take = update(feed).values(last_seq=feed.c.last_seq + count).returning(feed.c.last_seq)
        self._last = select(feed.c.last_seq)

    def take(self, connection: Connection, count: int) -> int:
        """The first of `count` new numbers; they are lost to nobody if the transaction fails."""
        last: int = connection.execute(self._take, {"count": count}).scalar_one()
        return last - count + 1

    def last(self, connection: Connection) -> int:
        """The number of the last change there is."""
        return int(connection.execute(self._last).scalar_one())

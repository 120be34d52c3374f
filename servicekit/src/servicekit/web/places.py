"""Places for readers that wait: a long poll keeps a thread, and some threads must stay for everybody else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """Half of the server's threads may wait at once; who finds no place is answered at once."""

    def __init__(self, threads: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, threads // 2))

    @contextmanager
    def wait(self, seconds: float) -> Iterator[float]:
        """Hold a place; how long the reader may wait: `seconds`, or 0 where no place is free."""
        if not self._free.acquire(blocking=False):
            yield 0
            return
        try:
            yield seconds
        finally:
            self._free.release()

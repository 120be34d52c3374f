"""What a command says, where whoever reads it may leave (`accounts client list | head`) or have no room for it."""

import errno
import os
import sys
from collections.abc import Callable

from servicekit.core.errors import CannotPrintError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run_piped(command: Callable[[], int]) -> int:
    """The status of ``command`` once all that it printed is written; 1 where its reader left before the end.

    Raises CannotPrintError.
    """
    try:
        status = command()
        if sys.stdout is not None:  # whoever closed it (`>&-`) wants to hear nothing
            sys.stdout.flush()
    except BrokenPipeError:
        _give_up()
        return 1
    except OSError as error:
        if error.filename is not None or error.errno not in _NO_ROOM:
            raise
        _give_up()
        raise CannotPrintError(error.strerror or str(error)) from None
    return status


def _give_up() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush succeeds

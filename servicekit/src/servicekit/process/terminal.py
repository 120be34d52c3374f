"""What a command says, where whoever reads it may leave: `accounts client list | head`."""

import os
import sys
from collections.abc import Callable


def run_piped(command: Callable[[], int]) -> int:
    """The status of ``command`` once all that it printed is written; 1 where its reader left before the end."""
    try:
        status = command()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush succeeds
        return 1
    return status

"""Commands whose reader leaves, as real processes."""

import subprocess
import sys

PROGRAM = """
import sys
from servicekit.process.terminal import run_piped

def command():
    for number in range({lines}):
        print(number)
    return 0

sys.exit(run_piped(command))
"""


LAST = """
try:
    sys.exit(run_piped(command))
except CannotPrintError as error:
    sys.exit(sys.stderr.write(str(error)) and 1)
"""


def ran(lines: int, reader: str) -> tuple[int, bytes]:
    program = (sys.executable, "-c", PROGRAM.format(lines=lines))
    with (
        subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
        subprocess.Popen(("sh", "-c", reader), stdin=process.stdout, stdout=subprocess.DEVNULL) as reading,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        reading.wait(30)
        return process.wait(30), said


def test_a_reader_that_leaves_is_no_traceback() -> None:
    assert ran(1_000_000, "head -n 1") == (1, b"")


def test_nor_one_that_never_read() -> None:
    assert ran(1, "true")[1] == b""


def test_where_there_is_no_room_it_is_one_line_and_where_nobody_listens_none() -> None:
    program = PROGRAM.replace("from servicekit", "from servicekit.core.errors import CannotPrintError\nfrom servicekit")
    program = program.replace("sys.exit(run_piped(command))", LAST)
    for redirect, *outcome in (
        ("> /dev/full", 1, "standard output cannot be written: No space left on device"),
        (">&-", 0, ""),
    ):
        command = ("sh", "-c", f'exec "$0" "$@" {redirect}', sys.executable, "-c", program.format(lines=9))
        made = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (made.returncode, made.stderr) == tuple(outcome)


def test_one_that_stays_has_all() -> None:
    assert ran(1000, "cat") == (0, b"")

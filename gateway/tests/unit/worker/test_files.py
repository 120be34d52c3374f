import resource
import subprocess
import sys

from moongate.worker.files import connections_within

CODE = """
import resource
from moongate.worker.files import raise_file_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 200))
print(raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_connections_leave_some_for_the_other_side() -> None:
    assert [connections_within(files) for files in (10, 1024, 20000)] == [1, 857, 17936]


def test_as_many_as_the_hard_limit_allows() -> None:
    done = subprocess.run((sys.executable, "-c", CODE), capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "200 (200, 200)\n"
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] != 200

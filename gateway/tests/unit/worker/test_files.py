import resource
import subprocess
import sys

CODE = """
import resource
from moongate.worker.files import raise_file_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 200))
print(raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_as_many_as_the_hard_limit_allows() -> None:
    done = subprocess.run((sys.executable, "-c", CODE), capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "200 (200, 200)\n"
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] != 200

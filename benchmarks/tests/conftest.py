"""The harness reads /proc and pins processes: elsewhere than on Linux there is nothing to test."""

import sys

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]

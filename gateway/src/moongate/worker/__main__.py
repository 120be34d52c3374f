"""``python -m moongate.worker BIRTH``: started by control."""

import sys

from moongate.worker.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

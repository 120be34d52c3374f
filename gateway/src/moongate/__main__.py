"""``python -m moongate`` is the `moongate` command."""

import sys

from moongate.cli.main import main

sys.exit(main())

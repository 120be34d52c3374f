"""`python -m accounts`."""

import sys

from accounts.cli.main import main

sys.exit(main())

"""The command `contractgen` as `python -m contractgen`."""

import sys

from contractgen.commands.cli import main

sys.exit(main())

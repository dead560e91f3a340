"""``python -m pwik_collector`` is the same program as ``pwik-collector``."""

import sys

from .cli import main

sys.exit(main())

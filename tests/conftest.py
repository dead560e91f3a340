"""Lets the tests import the addons' pure `domain` packages, the collector and the tools without Odoo.

Where Odoo is loaded, its own import machinery serves the addons.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if "odoo" not in sys.modules:
    from tools.pwik_cli.domains import register

    register()

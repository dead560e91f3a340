"""Lets the pure `domain` packages of the addons be imported without Odoo.

Each addon is registered as an empty package whose ``__path__`` is its folder, so that ``pwik_x.domain`` resolves while the
addon's own ``__init__`` (which imports Odoo) never runs. Where Odoo is loaded, its own import machinery serves the addons.
"""

import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent

if "odoo" not in sys.modules:
    for manifest in sorted((ROOT / "addons").glob("*/__manifest__.py")):
        package = types.ModuleType(manifest.parent.name)
        package.__path__ = [str(manifest.parent)]
        sys.modules.setdefault(manifest.parent.name, package)

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

"""Calls a function with an Odoo environment: call.py CONFIGURATION DATABASE MODULE:FUNCTION [JSON]

The function gets `env` (the superuser, in the database's first language) and the JSON's members as keyword arguments. What it
returns is printed as JSON on standard output; the transaction is committed if it returns.
"""

import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def main(configuration, database, target, arguments="{}"):
    sys.path.insert(0, str(ROOT))
    import odoo
    from odoo.modules.registry import Registry
    from odoo.service import server

    odoo.tools.config.parse_config(["-c", configuration, "-d", database, "--no-http"], setup_logging=True)
    server.load_server_wide_modules()
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        env = env(context=env["res.users"].context_get())
        result = function(env, **json.loads(arguments))
        env.flush_all()
        cr.commit()
    if result is not None:
        print(json.dumps(result))


if __name__ == "__main__":
    sys.path.pop(0)  # our own folder: its module names must not hide others
    main(*sys.argv[1:])

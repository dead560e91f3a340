"""A scheduled action of the import in a process of its own: import_worker.py CONFIGURATION DATABASE ACTION DUMP

Says ``ready``, begins at a line on standard input, and says what memory it needed, as JSON.
"""

import json
import pathlib
import sys


def memory(what):
    """MB of this process: ``VmRSS`` now, ``VmHWM`` at most so far (getrusage counts what the parent had at the fork)."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no {what} here")


def main(configuration, database, action, dump_id):
    import odoo
    from odoo.modules.registry import Registry
    from odoo.service import server

    odoo.tools.config.parse_config(
        ["-c", configuration, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    server.load_server_wide_modules()
    registry = Registry(database)
    print("ready", flush=True)
    sys.stdin.readline()
    before = memory("VmRSS")
    state = "new"
    while state not in ("done", "error"):
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            env.ref(action).method_direct_trigger()
        with registry.cursor() as cr:
            cr.execute("SELECT state FROM pwik_radio_dump WHERE id = %s", [int(dump_id)])
            (state,) = cr.fetchone()
    print(json.dumps({"state": state, "more_mb": memory("VmHWM") - before}), flush=True)


if __name__ == "__main__":
    sys.path.pop(0)
    main(*sys.argv[1:])

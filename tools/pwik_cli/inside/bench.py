"""Runs one measurement with an Odoo environment: bench.py CONFIGURATION DATABASE WHAT FILE SIZE ONLY"""

import importlib.util
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
FIELDS = ("bench", "what", "size", "value", "unit", "baseline", "baseline_value", "ratio", "target", "ok")


def complete(bench, size, row):
    """A row with all FIELDS: the ratio from the baseline, `ok` from the target (no target: nothing to miss).

    A measurement says itself where less is better, by giving `ok`.
    """
    out = {"bench": bench, "size": size, **row}
    if out.get("ratio") is None and out.get("baseline_value"):
        out["ratio"] = out["value"] / out["baseline_value"]
    if "ok" not in out:
        measure = out["ratio"] if out.get("ratio") is not None else out["value"]
        out["ok"] = out.get("target") is None or measure >= out["target"]
    if unknown := set(out) - set(FIELDS):
        raise ValueError(f"{bench} yields unknown fields: {', '.join(sorted(unknown))}")
    return {name: out.get(name) for name in FIELDS}


def main(configuration, database, bench, path, size, only):
    sys.path.insert(0, str(ROOT))
    import odoo
    from odoo.modules.registry import Registry
    from odoo.service import server

    options = ["-c", configuration, "-d", database, "--no-http", "--log-level=error"]
    odoo.tools.config.parse_config(options, setup_logging=True)
    server.load_server_wide_modules()
    spec = importlib.util.spec_from_file_location(f"bench_{bench}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    missed = measured = 0
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        part = {"only": json.loads(only)} if json.loads(only) else {}
        for row in module.run(env, json.loads(size), **part):
            row = complete(bench, json.loads(size), row)
            measured += 1
            missed += not row["ok"]
            print(json.dumps(row, ensure_ascii=False), flush=True)
    return 1 if missed or not measured else 0


if __name__ == "__main__":
    sys.path.pop(0)  # our own folder: its module names must not hide others
    sys.exit(main(*sys.argv[1:]))

"""B23: backup by pg_dump and a copy of the files, restored beside it as docs/operation.md says."""

import hashlib
import pathlib
import re
import shutil
import subprocess
import tempfile

from tests.proof import portal
from tests.proof.registry import proof


@proof(
    "B23",
    "backup, and restored under another name: every table, sequence, constraint, index and file",
    small=1,
    full=1,
)
def restore(stage, tally, _count):
    if missing := [name for name in ("pg_dump", "createdb", "pg_restore") if not program(name)]:
        tally.skip(f"this machine has no {' and no '.join(missing)}")
        return
    stage.world("portal:play")
    source, target = stage.database, f"{stage.template}_restored"
    with tempfile.TemporaryDirectory() as folder:
        back_up(stage, source, pathlib.Path(folder))
        before, files = content(stage), files_of(stage, source)
        stage.site.drop.mkdir(exist_ok=True)
        stage.adopt(target)
        put_back(stage, target, pathlib.Path(folder))
    after = content(stage)
    for name in sorted(set(before) | set(after)):
        if not tally.check(before.get(name) == after.get(name), f"{name} differs"):
            tally.lost += 1
    tally.check(files == files_of(stage, target) and bool(files), "the files differ")
    tally.note(f"{len(before)} tables, sequences and definitions, {len(files)} files")
    with stage.serve(crons=0):
        customer = stage.client(portal.VICTIM)
        for page in ("/my/invoices", "/my/contracts", "/my/cases"):
            tally.check(
                customer.get(customer.url(page), timeout=60).status_code == 200, f"{page} on the restored one"
            )


def program(name: str) -> str | None:
    """The newest of the machine's programs of that name: it must not be older than the server."""
    found = sorted(
        pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    return str(found[-1]) if found else shutil.which(name)


def back_up(stage, source, folder):
    dump = [program("pg_dump"), "--format=custom", "--no-owner", f"--file={folder / 'pwik.dump'}", source]
    subprocess.run(dump, env=stage.site.environ(), check=True, capture_output=True, text=True)
    shutil.copytree(stage.site.filestore(source), folder / "filestore")


def put_back(stage, target, folder):
    empty = [program("createdb"), "--template=template0", "--encoding=UTF8", target]
    filled = [
        program("pg_restore"),
        "--no-owner",
        "--exit-on-error",
        f"--dbname={target}",
        folder / "pwik.dump",
    ]
    for command in (empty, filled):
        subprocess.run(command, env=stage.site.environ(), check=True, capture_output=True, text=True)
    shutil.copytree(folder / "filestore", stage.site.filestore(target))


def files_of(stage, database) -> dict[str, str]:
    root = stage.site.filestore(database)
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


DEFINITIONS = {
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    " ORDER BY 1, 2",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND prokind = 'f' ORDER BY 1, 2",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "extensions": "SELECT extname, extversion FROM pg_extension ORDER BY 1",
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2",
}


#: PostgreSQL writes a restored expression of these with other casts and brackets than the one that it was made from.
REWRITTEN = ("constraints", "indexes", "views")


def content(stage) -> dict[str, str]:
    """A digest of every table and sequence and of each kind of definition."""
    kinds = stage.sql(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'm')"
    )
    out = {}
    with stage.connect() as connection, connection.cursor() as cr:
        for name, kind in kinds:
            columns = "last_value, is_called" if kind == "S" else "t"
            rows = f'(SELECT {columns} FROM "{name}" t) one'
            cr.execute(
                f"SELECT count(*), md5(string_agg(md5(one::text), '' ORDER BY md5(one::text))) FROM {rows}"
            )
            out[f"{name} ({kind})"] = str(cr.fetchone())
        for what, query in DEFINITIONS.items():
            cr.execute(query)
            text = repr(cr.fetchall())
            if what in REWRITTEN:
                text = re.sub(r"::(text|character varying)(\[\])?|[() ]", "", text)
            out[what] = hashlib.sha256(text.encode()).hexdigest()
    return out

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...domain.migration import Problem, check_row
from .pwik_migration import PACKET

DEEPEST = 20  # points behind points
NATURAL_FIELDS = {"customer_number": "pwik_customer_number"}
# Lists of the register that files name by code and that are not imported themselves.
CODED = {"municipalities": ("pwik.municipality", "code"), "routes": ("pwik.reading.route", "code")}


class Candidate:
    """A row on its way through the checks."""

    __slots__ = ("checked", "parent_key", "problems", "refs", "row", "state")

    def __init__(self, row, checked):
        self.row = row
        self.checked = checked
        self.problems = [*(row.problems or ()), *(problem.pack() for problem in checked.problems)]
        self.refs = {}
        self.parent_key = None
        self.state = "ok"

    @property
    def values(self):
        return self.checked.values

    @property
    def good(self):
        return self.state == "ok" and not self.problems

    def refuse(self, code, column=None, **params):
        self.problems.append(Problem(code, column, params).pack())


class PwikMigration(models.Model):
    """The dry run: each packet of rows is parsed and compared with the register in a constant number of queries."""

    _inherit = "pwik.migration"

    def _work_checking(self):
        """The next packet of rows; when none is left, what takes all rows of the file together."""
        rows = self.env["pwik.migration.row"].search(
            [("migration_id", "=", self.id), ("state", "=", "new")], order="number", limit=PACKET
        )
        if rows:
            self._check_packet(rows)
        else:
            self._check_whole()
            self.state = "checked"
        self.env.flush_all()
        self.env.invalidate_all()

    def _check_packet(self, rows):
        kind, today = self._get_kind(), self._get_today()
        candidates = []
        for row in rows:
            cells = {name: cell for name, cell in zip(self.column_names, row.cells, strict=False) if name}
            broken = {problem["column"] for problem in row.problems or ()}
            checked = check_row(kind, cells, today)
            # a formula's cell counts as empty; saying that it is required too helps nobody
            problems = tuple(p for p in checked.problems if p.column not in broken)
            candidate = Candidate(row, type(checked)(checked.key, checked.values, problems))
            if not checked.key and not candidate.problems:
                candidate.refuse("no_key")
            candidates.append(candidate)
        self._match_known(kind, candidates)
        self._check_existing(kind, [c for c in candidates if c.good])
        self._resolve_references(kind, [c for c in candidates if c.good])
        check = getattr(self, f"_check_{kind.code}", None)
        if check:
            check([c for c in candidates if c.good])
        rows._store_outcome(
            state=["bad" if c.state == "ok" and c.problems else c.state for c in candidates],
            key=[c.checked.key for c in candidates],
            natural=[kind.get_natural(c.values) for c in candidates],
            parent_key=[c.parent_key for c in candidates],
            level=[-1 if c.parent_key else 0 for c in candidates],
            parsed=[c.values for c in candidates],
            refs=[c.refs for c in candidates],
            problems=[c.problems for c in candidates],
        )

    def _match_known(self, kind, candidates):
        """Rows whose key was imported before: the same, or different in which columns."""
        known = self.env["pwik.migration.key"]._get_known(
            kind, self.company_id, [c.checked.key for c in candidates if c.good]
        )
        for candidate in candidates:
            entry = known.get(candidate.checked.key) if candidate.good else None
            if entry:
                candidate.state, candidate.problems = self._compare(entry, candidate.values)

    def _compare(self, entry, values):
        """State and packed problems of a row whose key became ``entry`` before."""
        changed = [
            Problem("changed", name, {"old": self._show(old), "new": self._show(new)}).pack()
            for name in self.column_names
            if name and (old := (entry.parsed or {}).get(name)) != (new := values.get(name))
        ]
        return ("different" if changed else "known"), changed

    @api.model
    def _show(self, value):
        return "|".join(value) if isinstance(value, list) else "" if value is None else str(value)

    def _check_existing(self, kind, candidates):
        """Rows whose number or serial is in the register already, by hand or under another key."""
        wanted = {natural: c for c in candidates if (natural := kind.get_natural(c.values))}
        if not wanted:
            return
        names = [NATURAL_FIELDS.get(name, name) for name in kind.natural]
        domain = Domain(names[0], "in", [c.values[kind.natural[0]] for c in wanted.values()])
        if kind.model != "res.partner":  # customer numbers are unique over all companies
            domain &= Domain("company_id", "=", self.company_id.id)
        records = self.env[kind.model].search(domain)
        there = {"\x1f".join(str(record[name]) for name in names): record for record in records}
        for candidate in candidates:
            record = there.get(kind.get_natural(candidate.values))
            if record:
                candidate.refuse("exists", columns=list(kind.natural), record=record.display_name)

    # ------------------------------------------------------------------ references

    def _resolve_references(self, kind, candidates):
        for column in kind.columns:
            if not column.reference:
                continue
            wanted = {
                text for candidate in candidates for text in self._as_list(candidate.values.get(column.name))
            }
            found, ambiguous = self._resolve(column.reference, wanted)
            for candidate in candidates:
                texts = self._as_list(candidate.values.get(column.name))
                for text in texts:
                    if text in found:
                        continue
                    if text in ambiguous:
                        candidate.refuse("ambiguous", column.name, value=text)
                    elif column.reference == kind.code:
                        candidate.parent_key = text
                    else:
                        candidate.refuse("unknown", column.name, value=text, reference=column.reference)
                ids = [found[text] for text in texts if text in found]
                if ids:
                    candidate.refs[column.name] = ids if column.several else ids[0]

    @api.model
    def _as_list(self, value):
        return value if isinstance(value, list) else [] if value is None else [value]

    def _resolve(self, reference, texts):
        """Records behind keys of the previous system, or behind the register's own numbers.

        :return: ``({text: id}, set of texts that stand for several)``
        """
        if not texts:
            return {}, set()
        if reference in CODED:
            model, field = CODED[reference]
            return self._find_by_field(model, field, texts)
        kind = self._get_kinds()[reference]
        known = self.env["pwik.migration.key"]._get_known(kind, self.company_id, texts)
        found = {key: entry.res_id for key, entry in known.items()}
        field = NATURAL_FIELDS.get(kind.natural[0], kind.natural[0])
        more, ambiguous = self._find_by_field(kind.model, field, set(texts) - set(found))
        return {**more, **found}, ambiguous

    def _find_by_field(self, model, field, texts):
        if not texts:
            return {}, set()
        domain = Domain(field, "in", list(texts))
        if model == "res.partner":
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        else:
            domain &= Domain("company_id", "=", self.company_id.id)
        found, ambiguous = {}, set()
        for record in self.env[model].search_fetch(domain, [field]):
            if record[field] in found:
                ambiguous.add(record[field])
            found[record[field]] = record.id
        return {text: res_id for text, res_id in found.items() if text not in ambiguous}, ambiguous

    # ------------------------------------------------------------------ all rows together

    def _check_whole(self):
        """What one row says against another one of the same file: by statements over all rows, not row by row."""
        self.env.flush_all()
        # Rows that just came in are unknown to the planner, which would join them each with each.
        self.env.cr.execute("ANALYZE pwik_migration_row")
        kind = self._get_kind()
        self._refuse_doubles("key", lambda first: Problem("key_twice", "key", {"row": first}))
        if kind.natural:
            columns = list(kind.natural)
            self._refuse_doubles(
                "natural", lambda first: Problem("twice", None, {"columns": columns, "row": first})
            )
        self._set_levels(kind)
        check = getattr(self, f"_check_whole_{kind.code}", None)
        if check:
            check()

    def _refuse_doubles(self, field, make_problem):
        self.env.cr.execute(
            SQL(
                """
            SELECT id, first FROM (
                SELECT id, number, min(number) OVER (PARTITION BY %(field)s) AS first
                  FROM pwik_migration_row
                 WHERE migration_id = %(migration)s AND state = 'ok' AND %(field)s IS NOT NULL) AS line
             WHERE number > first
            """,
                field=SQL.identifier(field),
                migration=self.id,
            )
        )
        self._refuse_rows({row: [make_problem(first)] for row, first in self.env.cr.fetchall()})

    def _refuse_rows(self, problems):
        """:param problems: ``{row id: list of Problem}``"""
        for row in self.env["pwik.migration.row"].browse(problems):
            row.write(
                {
                    "state": "bad",
                    "problems": (row.problems or []) + [problem.pack() for problem in problems[row.id]],
                }
            )
        self.env["pwik.migration.row"].flush_model()

    def _set_levels(self, kind):
        """Rows that name a row of the same file come after it; what names a refused row is refused."""
        for level in range(1, DEEPEST):
            self.env.cr.execute(
                SQL(
                    """
                UPDATE pwik_migration_row child SET level = %(level)s
                  FROM pwik_migration_row parent
                 WHERE child.migration_id = %(migration)s AND child.level = -1 AND child.state = 'ok'
                   AND parent.migration_id = %(migration)s AND parent.state = 'ok'
                   AND parent.key = child.parent_key AND parent.level = %(above)s
                """,
                    level=level,
                    above=level - 1,
                    migration=self.id,
                )
            )
            if not self.env.cr.rowcount:
                break
        self.env["pwik.migration.row"].invalidate_model(["level"])
        self.env.cr.execute(
            SQL(
                """
            SELECT child.id, child.parent_key, parent.id IS NOT NULL AS there, parent.state = 'ok' AS circle
              FROM pwik_migration_row child
         LEFT JOIN LATERAL (
                SELECT id, state FROM pwik_migration_row
                 WHERE migration_id = child.migration_id AND key = child.parent_key
              ORDER BY state = 'ok' DESC LIMIT 1) parent ON TRUE
             WHERE child.migration_id = %s AND child.level = -1 AND child.state = 'ok'
            """,
                self.id,
            )
        )
        column = next((c.name for c in kind.columns if c.reference == kind.code), None)
        self._refuse_rows(
            {
                row: [
                    Problem("circle", column)
                    if circle
                    else Problem("parent_bad", column, {"value": key})
                    if there
                    else Problem("unknown", column, {"value": key, "reference": kind.code})
                ]
                for row, key, there, circle in self.env.cr.fetchall()
            }
        )

    @api.model
    def _get_more_messages(self):
        """Templates of problems that kinds of other addons find."""
        return {}

from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..domain.validation import RULES, validate
from ..tools.copying import to_array
from .reading_history import ReadingHistory
from .reading_intake import ReadingIntake


class Taken(NamedTuple):
    """What became of values that were taken in.

    :param id: of the reading
    :param codes: of the rules that it met, separated by blanks, or None
    :param is_known: the reading was there before
    """

    id: int
    state: str
    codes: str | None
    is_known: bool = False


class PwikReading(models.Model):
    """How readings are validated: in batches, with a constant number of queries."""

    _inherit = "pwik.reading"

    def action_validate(self):
        """Put drafts to the rules: they become accepted, or wait in the review queue."""
        drafts = self.filtered(lambda reading: reading.state == "draft")
        drafts.check_access("write")
        # The rules look at contracts and invoices, which a meter reader does not see.
        drafts.sudo()._validate_batch()
        return True

    def _validate_batch(self):
        """Judge these drafts; readings of one meter are judged in the order of time and count for each other."""
        if self:
            self._store_outcomes(self._judge(ReadingHistory(self)))

    def _judge(self, book):
        """Ask the rules about these drafts.

        :param book: their ReadingHistory, which learns the outcomes
        :return: ``{id: tuple of Finding}``
        """
        companies = self.env["res.company"].browse({draft.company_id for draft in book.drafts.values()})
        limits = {company.id: self.env["pwik.validation.limit"]._get_table(company) for company in companies}
        rules = self._get_validation_rules()
        outcomes = {}
        for draft in book.get_ordered():
            findings = validate(
                book.get_reading(draft),
                book.get_history(draft),
                limits[draft.company_id](book.meters[draft.meter_id].kind, draft.date),
                rules,
            )
            outcomes[draft.id] = findings
            if not findings:
                book.note(draft, accepted=True, rolled_over=False, error=False)
                continue
            book.note(
                draft,
                accepted=not any(finding.blocks_billing for finding in findings),
                rolled_over=any(finding.code == "V07" for finding in findings),
                error=any(finding.severity == "error" for finding in findings),
            )
        self._judge_together(book, outcomes)
        return outcomes

    @api.model
    def _judge_together(self, book, outcomes):
        """Hook for rules that need several readings at once: add findings to those that are held already.

        :param outcomes: ``{id: tuple of Finding}``, changed in place; what was accepted stays as it is, because the readings
            after it were judged by it
        """

    def _store_outcomes(self, outcomes):
        """Write findings and states. Drafts that were judged before lose their old findings.

        :param outcomes: ``{id: tuple of Finding}``
        """
        self.env["pwik.reading.finding"].search([("reading_id", "in", self.ids)]).unlink()
        self._create_findings(outcomes)
        alike = defaultdict(self.browse)
        for reading_id, findings in outcomes.items():
            alike[tuple(self._prepare_outcome(findings).items())] += self.browse(reading_id)
        for vals, readings in alike.items():
            # Tracking is for what people decide; a message for each of 100,000 readings a month helps nobody.
            readings.with_context(tracking_disable=True).write(dict(vals))
        self._refresh_consumption()

    @api.model
    def _prepare_outcome(self, findings):
        """What a draft becomes by these findings."""
        codes = [finding.code for finding in findings]
        held = any(finding.blocks_billing for finding in findings)
        return {
            "state": "to_review" if held else "accepted",
            "finding_codes": " ".join(codes) or False,
            "blocks_billing": held,
            "rollover": "V07" in codes,
        }

    @api.model
    def _create_findings(self, outcomes):
        """:param outcomes: ``{id: tuple of Finding}``"""
        finding_model = self.env["pwik.reading.finding"]
        finding_model.create(
            [
                {
                    "reading_id": reading_id,
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "blocks_billing": finding.blocks_billing,
                    "final": finding.final,
                    "params": finding_model._pack_params(finding.params),
                }
                for reading_id, findings in outcomes.items()
                for finding in findings
            ]
        )

    def _add_finding(self, finding):
        """Note on a reading that waits what was found out about it later."""
        self.ensure_one()
        self._create_findings({self.id: (finding,)})
        codes = [*(self.finding_codes or "").split(), finding.code]
        self.with_context(tracking_disable=True).write({"finding_codes": " ".join(codes)})

    @api.model
    def _get_validation_rules(self):
        """Rules in the order in which they speak. Addons with other facts append theirs."""
        return RULES

    def _prepare_validation_extra(self):
        """Facts for rules of other addons (``history.extra``), fetched for the whole batch.

        :return: ``{reading_id: {name: value}}``
        """
        return {}

    @api.model
    def _prepare_intake_extra(self, stored):
        """As ``_prepare_validation_extra``, for readings that are not in the table yet.

        :param stored: values of each reading's columns, and ``id``
        """
        return {}

    @api.model
    def _import_values(self, vals_list):
        """Take in readings of any source in a batch, validated; importing the same again changes nothing.

        :param vals_list: values as for ``create`` with ``meter_id``, ``moment`` (datetime, UTC), ``value`` (m³),
            ``source``, optionally ``register`` and ``note``
        :return: recordset as long as ``vals_list`` and in its order. Where the same value is there already, that
            reading (V02). Where another value of this source is there, a reading in state ``rejected`` with the
            finding V03, so that nothing that arrived is lost and nothing counts twice.
        """
        return self.browse([taken.id for taken in self._take_in_values(vals_list)])

    @api.model
    def _take_in_values(self, vals_list):
        """As ``_import_values``.

        :return: list of Taken, as long as ``vals_list`` and in its order
        """
        if not vals_list:
            return []
        records = self.sudo().with_context(
            tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True, mail_notrack=True
        )
        # dicts of their own from here on, which those who work on them may add to
        vals_list = [{**vals, "moment": vals["moment"].replace(tzinfo=None)} for vals in vals_list]
        known, there = records._get_known_values(vals_list)
        fresh, places, conflicts = [], [], {}
        for vals in vals_list:
            key = (
                vals["meter_id"],
                vals["moment"],
                vals.get("register") or "main",
                vals.get("source") or "manual",
            )
            value = round(vals["value"], 3)
            values = known.setdefault(key, {})
            if value not in values:
                living = next((other for other, (_place, counts) in values.items() if counts), None)
                if living is not None:
                    conflicts[len(fresh)] = living
                values[value] = (len(fresh), living is None)
                vals["state"] = "draft" if living is None else "rejected"
                fresh.append(vals)
            places.append(values[value][0])
        made = records._create_judged(fresh, conflicts, there)
        # A number is the place in ``made``, else the reading was there before.
        return [place if isinstance(place, Taken) else made[place] for place in places]

    @api.model
    def _create_judged(self, vals_list, conflicts, there):
        """Create readings and put the drafts among them to the rules.

        :param vals_list: values with ``state`` draft or rejected; dicts that may be added to
        :param conflicts: ``{place in vals_list of a rejected one: the other value, m³}``
        :param there: what counts in the table at these moments, as ReadingIntake takes it
        :return: list of Taken in the order of ``vals_list``
        """
        if not ReadingIntake.is_possible(self, vals_list):
            made = self.create(vals_list)
            made._mark_conflicts(conflicts)
            made.filtered(lambda reading: reading.state == "draft")._validate_batch()
            return [Taken(reading.id, reading.state, reading.finding_codes or None) for reading in made]
        places = sorted(conflicts)
        drafts = ReadingIntake(self).make(
            [vals for place, vals in enumerate(vals_list) if place not in conflicts], there
        )
        rejected = self.create([vals_list[place] for place in places])
        rejected._mark_conflicts({number: conflicts[place] for number, place in enumerate(places)})
        taken = [Taken(vals["id"], vals["state"], vals["finding_codes"] or None) for vals in drafts]
        if not conflicts:
            return taken
        taken = iter(taken)
        refused = iter([Taken(reading.id, reading.state, reading.finding_codes) for reading in rejected])
        return [next(refused if place in conflicts else taken) for place in range(len(vals_list))]

    def _get_known_values(self, vals_list):
        """What is there of these meters at these moments, rejected and replaced ones included.

        :return: two: ``{(meter, moment, register, source): {value: (Taken, whether it counts)}}``, and of those that
            count ``{(meter, moment, register): [(reading id, value, source), …]}``
        """
        self.flush_model()
        known, there = defaultdict(dict), defaultdict(list)
        self.env.cr.execute(
            SQL(
                """
            SELECT r.id, r.meter_id, r.moment, r.register, r.source, r.value, r.state, r.finding_codes,
                   r.state <> 'rejected' AND r.superseded IS NOT TRUE
              FROM (SELECT DISTINCT * FROM unnest(%s::int[], %s::timestamp[])) AS k(meter_id, moment)
              JOIN pwik_reading r ON r.meter_id = k.meter_id AND r.moment = k.moment
          ORDER BY r.id
            """,
                to_array(vals["meter_id"] for vals in vals_list),
                to_array(vals["moment"] for vals in vals_list),
            )
        )
        for reading, meter, moment, register, source, value, state, codes, living in self.env.cr.fetchall():
            taken = Taken(reading, state, codes, is_known=True)
            known[meter, moment, register, source][round(float(value), 3)] = (taken, living)
            if living:
                there[meter, moment, register].append((reading, value, source))
        return known, there

    def _mark_conflicts(self, conflicts):
        """Note V03 on those of these readings which contradict another of the same source at the same moment.

        :param conflicts: ``{place in self: the other value, m³}``
        """
        self.env["pwik.reading.finding"].create(
            [
                {
                    "reading_id": self[place].id,
                    "code": "V03",
                    "severity": "error",
                    "blocks_billing": True,
                    "final": True,
                    "params": {"other": {"m3": f"{other:.3f}"}, "source": self[place].source},
                }
                for place, other in conflicts.items()
            ]
        )
        self.browse([self[place].id for place in conflicts]).write({"finding_codes": "V03"})

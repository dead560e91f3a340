from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..domain.errors import FileRefused, InputRefused, Problem
from ..domain.files import check_file
from ..domain.submission import parse_text
from ..exceptions import SubmissionRefused

MAX_FILES = 10


class PwikCase(models.Model):
    """How cases come in from outside: customers' forms and the program's own alarms.

    The methods for the portal act with sudo once they have checked the values. The caller has proven before, with the
    rights of the user who is signed in, that this user may act for ``partner`` and may see ``contract`` and ``meter``.
    """

    _inherit = "pwik.case"

    @api.model
    def _create_from_portal(self, kind_code, values, submitter, partner, contract=None, meter=None, files=()):
        """Open a case for a customer out of a form.

        :param kind_code: fixed code of a kind that customers may open
        :param values: named fields only, the rest is ignored: ``name``, ``description``; for readings
            ``reading_value`` and ``reading_date``; for changes of data ``changes`` (``{name: new text}``)
        :param submitter: partner of the person who is signed in
        :param partner: the customer for whom he acts
        :param files: uploads as in :meth:`_check_files`; they are there before a rule decides on the case
        :return: the case, with the rights of the caller
        :raises SubmissionRefused: ``errors`` says for each field what is wrong
        :raises UserError: customers cannot open this kind
        :raises AccessError: contract or meter is not the customer's
        """
        vals, errors = self._prepare_from_portal(kind_code, values, partner, contract, meter)
        if errors:
            raise SubmissionRefused(errors)
        # sudo: the caller has proven whose data this is, and ``vals`` holds named fields only
        case = self.sudo().create({**vals, "submitter_id": submitter.id, "channel": "portal"})
        if files:
            case._attach_files(list(files))
        case._notify_customer_received()
        case._call_handler("after_portal")
        return case.sudo(self.env.su)

    @api.model
    def _get_submission_errors(self, kind_code, values, partner, contract=None, meter=None):
        """What would be refused, without opening anything: ``{field: message}``, empty when all is well."""
        return self._prepare_from_portal(kind_code, values, partner, contract, meter)[1]

    @api.model
    def _prepare_from_portal(self, kind_code, values, partner, contract, meter):
        """Values of the new case, and what is wrong with the form: ``(vals, {field: message})``."""
        # sudo: configuration, and records whose ownership the caller has proven
        partner = partner.sudo()
        contract = (contract or self.env["pwik.contract"]).sudo()
        meter = (meter or self.env["pwik.meter"]).sudo()
        company = contract.company_id or meter.company_id or partner.company_id or self.env.company
        case_type = self.env["pwik.case.type"].sudo()._get_by_code(kind_code, company)
        if not case_type.portal_create:
            raise UserError(self.env._("Cases of the kind “%s” cannot be opened here.", case_type.name))
        if meter and not contract:
            contract = self._get_contract_of(partner, meter)
        self._check_ownership(partner, contract, meter)
        vals = {
            "type_id": case_type.id,
            "company_id": company.id,
            "partner_id": partner.id,
            "contract_id": contract.id,
            "meter_id": meter.id,
        }
        steps = (
            lambda: self._prepare_portal_text(case_type, values),
            lambda: self._check_portal_links(case_type, contract, meter),
            lambda: self._prepare_portal_handler(case_type, values, partner, contract, meter),
        )
        errors = {}
        for step in steps:
            try:
                vals.update(step())
            except InputRefused as error:
                errors.update(self._get_problem_messages(error.problems))
            except SubmissionRefused as error:
                errors.update(error.errors)
        return vals, errors

    @api.model
    def _prepare_portal_text(self, case_type, values):
        text = parse_text(
            values.get("name"),
            values.get("description"),
            description_required=case_type.require_description,
        )
        return {"name": text.subject or case_type.name, "description": text.description or False}

    @api.model
    def _check_portal_links(self, case_type, contract, meter):
        problems = []
        if case_type.require_contract and not contract:
            problems.append(Problem("contract_id", "contract_missing"))
        if case_type.require_meter and not meter:
            problems.append(Problem("meter_id", "meter_missing"))
        if problems:
            raise InputRefused(problems)
        return {}

    @api.model
    def _prepare_portal_handler(self, case_type, values, partner, contract, meter):
        """Ask the kind's handler for its own fields; a missing contract or meter was told already."""
        method = getattr(self, f"_prepare_portal_{case_type.handler}", None)
        return method(case_type, values, partner, contract, meter) if method else {}

    @api.model
    def _get_contract_of(self, partner, meter):
        """The partner's latest contract at a point where the meter is or was."""
        points = meter.installation_ids.service_point_id
        return (
            self.env["pwik.contract.point"]
            .sudo()
            .search(
                [
                    ("service_point_id", "in", points.ids),
                    ("state", "!=", "draft"),
                    "|",
                    ("contract_id.partner_id", "=", partner.id),
                    ("contract_id.invoice_partner_id", "=", partner.id),
                ],
                order="date_from desc",
                limit=1,
            )
            .contract_id
        )

    @api.model
    def _check_ownership(self, partner, contract, meter):
        """Second lock behind the caller's own proof: the records hang together."""
        if contract and partner not in (contract.partner_id | contract.invoice_partner_id):
            raise AccessError(self.env._("This contract belongs to another customer."))
        if meter and not (contract and meter.installation_ids.service_point_id & contract.point_ids):
            raise AccessError(self.env._("This meter belongs to another customer."))

    @api.model
    def _check_files(self, files):
        """Judge uploads by their content.

        :param files: list of ``(name, bytes)``
        :return: list of :class:`~odoo.addons.pwik_cases.domain.files.SafeFile`
        :raises SubmissionRefused: key ``files``, all refusals in one message
        """
        safe, problems = [], []
        if len(files) > MAX_FILES:
            problems.append(Problem("files", "files_too_many", {"limit": MAX_FILES}))
            files = []
        for name, data in files:
            try:
                safe.append(check_file(name, data))
            except FileRefused as error:
                problems.append(Problem("files", error.code, error.params))
        if problems:
            raise SubmissionRefused(
                {"files": "\n".join(self._get_problem_message(problem) for problem in problems)}
            )
        return safe

    def _attach_files(self, files):
        """Keep a customer's uploads with the case: ``files`` as in :meth:`_check_files`.

        :return: the attachments, with sudo; hand them out as downloads only
        """
        self.ensure_one()
        # sudo: a customer has no right on attachments; names and types are ours, by content
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                [
                    {
                        "name": file.name,
                        "raw": file.data,
                        "mimetype": file.mimetype,
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                    for file in self._check_files(files)
                ]
            )
        )

    @api.model
    def _create_from_system(self, kind_code, values, key=None):
        """Open a case that the program itself raises, an alarm for instance.

        :param values: values of the case; ``company_id`` or a meter or contract says whose it is
        :param key: names the cause; while a case of this cause is open, that one is returned and noted, not doubled
        :return: ``(case, created)``
        """
        meter = self.env["pwik.meter"].browse(values.get("meter_id"))
        contract = self.env["pwik.contract"].browse(values.get("contract_id"))
        company = (
            self.env["res.company"].browse(values.get("company_id"))
            or meter.company_id
            or contract.company_id
        )
        company = company or self.env.company
        # sudo: alarms are raised by jobs and by users who may not open cases
        Case = self.sudo()
        if key:
            known = Case.search(
                [
                    ("origin_key", "=", key),
                    ("company_id", "=", company.id),
                    ("state", "in", ("open", "waiting")),
                ],
                limit=1,
            )
            if known:
                known._post_note(filter(None, (self.env._("Reported again."), values.get("description"))))
                return known.sudo(self.env.su), False
        case = Case.create(
            {
                "channel": "system",
                **values,
                "company_id": company.id,
                "origin_key": key,
                "type_id": self.env["pwik.case.type"].sudo()._get_by_code(kind_code, company).id,
            }
        )
        return case.sudo(self.env.su), True

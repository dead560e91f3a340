from odoo import api, models
from odoo.tools import format_date

from ..domain.errors import Problem


class PwikCase(models.Model):
    """Words for what the domain found: a code and parameters become a sentence in the user's language."""

    _inherit = "pwik.case"

    @api.model
    def _get_problem_messages(self, problems):
        """One message a field: ``{field: message}``; the first problem of a field speaks.

        :param problems: iterable of :class:`~odoo.addons.pwik_cases.domain.errors.Problem`
        """
        messages = {}
        for problem in problems:
            messages.setdefault(problem.field, self._get_problem_message(problem))
        return messages

    @api.model
    def _get_problem_message(self, problem: Problem):
        params = {
            name: format_date(self.env, value) if hasattr(value, "isoformat") else value
            for name, value in problem.params.items()
        }
        templates = {**self._get_reading_messages(), **self._get_data_messages(), **self._get_file_messages()}
        return templates[problem.code] % params

    @api.model
    def _get_reading_messages(self):
        return {
            "value_missing": self.env._("Enter the value of the meter."),
            "value_not_whole": self.env._(
                "Enter whole m³ only: the black digits, without those after the comma."
            ),
            "value_not_number": self.env._("Enter the value in digits only, for example 82."),
            "value_too_long": self.env._(
                "This meter shows %(digits)s digits before the comma; the value has more."
            ),
            "date_missing": self.env._("Enter the day on which you read the meter."),
            "date_not_date": self.env._("Enter the day as a date, for example 2026-03-31."),
            "date_future": self.env._("The day of the reading lies in the future."),
            "date_too_old": self.env._("A reading may be %(days)s days old at most: from %(earliest)s on."),
            "date_before_meter": self.env._(
                "This meter measures your use since %(first_day)s. Choose a later day."
            ),
            "date_after_end": self.env._(
                "This meter measured your use until %(last_day)s. Choose an earlier day."
            ),
            "date_billed": self.env._(
                "The time until %(billed_until)s is invoiced already. Choose a later day."
            ),
            "date_taken": self.env._("There is already a reading of %(taken)s for this meter."),
        }

    @api.model
    def _get_data_messages(self):
        return {
            "text_too_long": self.env._("Use at most %(limit)s characters."),
            "description_missing": self.env._("Describe what this is about."),
            "contract_missing": self.env._("Choose the contract which this concerns."),
            "meter_missing": self.env._("Choose the meter which this concerns."),
            "field_not_allowed": self.env._("This datum cannot be changed here."),
            "value_required": self.env._("This field cannot be empty."),
            "phone_format": self.env._("Enter a telephone number, for example +48 601 234 567."),
            "email_format": self.env._("Enter one e-mail address, for example jan@example.pl."),
            "zip_format": self.env._("Enter the postal code like 37-500."),
            "line_too_long": self.env._("Use at most %(limit)s characters."),
            "line_format": self.env._("Use letters and digits."),
            "nothing_changed": self.env._("Change at least one value: all are as they were."),
        }

    @api.model
    def _get_file_messages(self):
        return {
            "file_empty": self.env._("The file “%(name)s” is empty."),
            "file_too_big": self.env._("The file “%(name)s” is larger than %(limit)s MB."),
            "file_type": self.env._(
                "The file “%(name)s” cannot be taken. Send PDF, JPEG, PNG, HEIC or a text file (TXT)."
            ),
            "file_mismatch": self.env._(
                "The file “%(name)s” is not what its name says. Save it again and send it once more."
            ),
            "files_too_many": self.env._("Send at most %(limit)s files at once."),
        }

"""What the cases tell their callers."""

from odoo.exceptions import UserError


class SubmissionRefused(UserError):
    """A form cannot be taken: ``errors`` maps each field's name to a message in the user's language."""

    def __init__(self, errors):
        self.errors = dict(errors)
        super().__init__("\n".join(self.errors.values()))

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain import bank
from ..domain.bank.profiles import COLLECT_LAYOUT
from .pwik_bank_errors import explain

SUBFIELDS = "Codes of subfields of field 86: 20-26,60 means 20 to 26, or 60 where those are empty."


class PwikBankProfile(models.Model):
    """How one bank writes its files: code page, parts of MT940's field 86, positions of a list of collected payments."""

    _name = "pwik.bank.profile"
    _description = "Bank's file profile"
    _order = "sequence, id"

    name = fields.Char(required=True, help="The bank, and its variant where it has several.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    encoding = fields.Selection(
        [
            ("auto", "Found out from the file"),
            ("utf-8", "UTF-8"),
            ("cp1250", "Windows 1250"),
            ("iso-8859-2", "ISO 8859-2"),
            ("cp852", "DOS 852"),
        ],
        "Code page",
        required=True,
        default="auto",
        help="A file in another code page is refused. XML files say theirs.",
    )
    title = fields.Char("Title in subfields", required=True, default="20-26", help=SUBFIELDS)
    payer_name = fields.Char("Name in subfields", default="32-33,27-29", help=SUBFIELDS)
    payer_account = fields.Char("Payer's account in subfields", default="38,31", help=SUBFIELDS)
    account = fields.Char(
        "Individual account in subfields",
        help="Where the bank tells the individual account apart from the title, for instance 63.",
    )
    labels = fields.Text(
        "Words of field 86",
        help="For a bank that writes words instead of subfields; one a line: title = TYT.:",
    )
    layout = fields.Text(
        "Positions of collected payments",
        required=True,
        default=COLLECT_LAYOUT,
        help="One a line: “detail = D” is the beginning of a record, “detail.amount = 36-47” first and last position "
        "of a value, or the number of its column where there is a delimiter. The trailer needs count and sum.",
    )
    delimiter = fields.Char(size=1, help="Of collected payments; empty: fixed positions.")
    date_format = fields.Char(required=True, default="%Y%m%d", help="%Y year, %m month, %d day.")
    amount_unit = fields.Selection(
        [("grosze", "Grosze"), ("zloty", "Złoty with a comma or a point")],
        "Amounts of collected payments",
        required=True,
        default="grosze",
    )

    @api.constrains("encoding", "title", "payer_name", "payer_account", "account", "labels", "layout")
    def _check_profile(self):
        for profile in self:
            try:
                profile._to_domain()
            except bank.BankFileError as error:
                raise ValidationError(explain(self.env, error)) from None

    def _to_domain(self):
        """The values that the readers of files understand; the usual ones where there is no profile."""
        if not self:
            return bank.default_profile()
        self.ensure_one()
        return bank.BankProfile(
            encoding=self.encoding,
            title=self.title or "",
            name=self.payer_name or "",
            payer_account=self.payer_account or "",
            account=self.account or "",
            labels=self.labels or "",
            layout=self.layout or "",
            delimiter=self.delimiter or "",
            date_format=self.date_format,
            amount_unit=self.amount_unit,
        )


class AccountJournal(models.Model):
    _inherit = "account.journal"

    pwik_bank_profile_id = fields.Many2one(
        "pwik.bank.profile", "Profile of the bank's files", ondelete="restrict"
    )

"""Identifiers of people are shown in full to those alone whose work wants them."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain.masking import PESEL_LIKE, is_masked, mask_account, mask_phone, mask_tax_number

GROUP = "pwik_ebok.pwik_ebok_group_identifiers"


class PwikMasked(models.AbstractModel):
    """What a model gives out of its identifiers: masked for who lacks the group, refused where masking is not possible."""

    _name = "pwik.masked"
    _description = "Masked identifiers"

    # Name of the field and the function that masks it.
    _pwik_masks = {}

    @api.model
    def _pwik_sees_identifiers(self):
        return self.env.su or self.env.user.has_group(GROUP)

    def _pwik_get_protected(self):
        """Those of these records whose identifiers the current user sees masked."""
        return self.browse() if self._pwik_sees_identifiers() else self

    def _pwik_get_shown(self, name):
        """The value of an identifier as the current user may see it, for pages."""
        self.ensure_one()
        value = self[name]
        return self._pwik_masks[name](value) if value and self._pwik_get_protected() else value

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        masked = self._pwik_masks.keys() & set(fnames)
        if masked and not self._pwik_sees_identifiers():
            protected = set(self._pwik_get_protected().ids)
            for row in rows:
                for name in masked if row["id"] in protected else ():
                    row[name] = row[name] and self._pwik_masks[name](row[name])
        return rows

    def _field_to_sql(self, alias, field_expr, query=None):
        """The database does not know an identifier that the user sees masked: nobody finds out by searching or sorting.

        Every condition, order and group takes its column from here, and so do paths through other records. What a record
        holds is read as it is (`_fetch_query`): it is masked on its way out.
        """
        sql = super()._field_to_sql(alias, field_expr, query)
        reads = query is not None and getattr(query, "pwik_reads", False)
        if reads or field_expr not in self._pwik_masks or self._pwik_sees_identifiers():
            return sql
        return SQL("(CASE WHEN %s THEN %s END)", self._pwik_get_open_sql(alias, field_expr, query), sql)

    def _fetch_query(self, query, fields):
        query.pwik_reads = True
        try:
            return super()._fetch_query(query, fields)
        finally:
            query.pwik_reads = False

    def _pwik_get_open_sql(self, alias, name, query):
        """SQL of whether the current user sees the identifier `name` of the row in full: `_pwik_get_protected` reversed."""
        raise NotImplementedError

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        self._pwik_refuse_listing(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        self._pwik_refuse_listing(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _pwik_refuse_listing(self, spec):
        if spec.partition(":")[0] in self._pwik_masks and not self._pwik_sees_identifiers():
            raise AccessError(self.env._("Your role does not allow you to list identifiers of people."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._pwik_refuse_masked(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._pwik_refuse_masked(vals)
        return super().write(vals)

    @api.model
    def _pwik_refuse_masked(self, vals):
        """What somebody was shown instead of the value never becomes the value."""
        if any(is_masked(vals.get(name)) for name in self._pwik_masks):
            raise UserError(self.env._("A masked identifier was not changed: type it in full, or leave it."))


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _pwik_get_own_companies(self):
        """Partners of the utility's companies (with sudo): few, so that all are asked for."""
        return self.env["res.partner"].sudo().search([("ref_company_ids", "!=", False)])

    def _traverse_related_sql(self, alias, field, query):
        """A field that shows another record's identifier is no way to search or sort by it either."""
        model, last, alias = super()._traverse_related_sql(alias, field, query)
        if last.name in getattr(model, "_pwik_masks", ()):
            model = model.sudo(self.env.su)
        return model, last, alias

    def export_data(self, fields_to_export):
        """An export leads through other records to the identifiers; who sees them masked does not export them."""
        for path in fields_to_export:
            model = self
            for name in path.replace(".", "/").split("/"):
                if name in getattr(model, "_pwik_masks", ()) and not model._pwik_sees_identifiers():
                    raise AccessError(
                        self.env._("Your role does not allow you to list identifiers of people.")
                    )
                field = model._fields.get(name)
                if not field or not field.relational:
                    break
                model = self.env[field.comodel_name]
        return super().export_data(fields_to_export)


class ResPartner(models.Model):
    """Telephone and PESEL of people: not of firms, of colleagues or of the utility itself."""

    _name = "res.partner"
    _inherit = ["res.partner", "pwik.masked"]

    # the second is Odoo's copy of the first, where ``phone_validation`` is installed
    _pwik_masks = {"phone": mask_phone, "phone_sanitized": mask_phone, "vat": mask_tax_number}

    def _search_phone_mobile_search(self, operator, value):
        """A search by parts of the number (``phone_validation``) that looks into the table: not for whom it is masked."""
        if not self._pwik_sees_identifiers():
            return Domain.FALSE
        return super()._search_phone_mobile_search(operator, value)

    def _pwik_get_protected(self):
        if self._pwik_sees_identifiers():
            return self.browse()
        people = self.sudo().filtered(lambda one: not one.is_company and one.partner_share)
        people -= self._pwik_get_own_companies()
        if self.env.user._is_portal():
            # a customer sees his own; who manages his building does not
            people -= self.env["pwik.ebok.link"]._get_decided_partners(self.env.user).sudo()
        return (people - self.env.user.partner_id.sudo()).sudo(self.env.su)

    def _pwik_get_open_sql(self, alias, name, query):
        open_ids = {self.env.user.partner_id.id, *self._pwik_get_own_companies().ids}
        if self.env.user._is_portal():
            open_ids.update(self.env["pwik.ebok.link"]._get_decided_partners(self.env.user).ids)
        table = self.sudo()  # of whom a row tells is no secret here: what the row says is left out
        ways = [
            SQL("%s IS TRUE", table._field_to_sql(alias, "is_company", query)),
            SQL("%s IS NOT TRUE", table._field_to_sql(alias, "partner_share", query)),
            SQL("%s IN %s", SQL.identifier(alias, "id"), tuple(open_ids)),
        ]
        if name == "vat":  # the tax number of somebody's business is public
            ways.append(SQL("%s !~* %s", table._field_to_sql(alias, name, query), PESEL_LIKE))
        return SQL("(%s)", SQL(" OR ").join(ways))

    @api.depends_context("uid", "su")
    def _compute_display_name(self):
        """Odoo writes the tax number beside the name where it is asked to."""
        result = super()._compute_display_name()
        if self.env.context.get("show_vat"):
            for partner in self._pwik_get_protected().filtered("vat"):
                shown = partner._pwik_get_shown("vat")
                partner.display_name = (partner.display_name or "").replace(partner.vat, shown)
        return result


class ResUsers(models.Model):
    """A login shows its person's identifiers as well."""

    _name = "res.users"
    _inherit = ["res.users", "pwik.masked"]

    _pwik_masks = {"phone": mask_phone, "phone_sanitized": mask_phone, "vat": mask_tax_number}

    def _pwik_get_protected(self):
        protected = self.sudo().partner_id.sudo(self.env.su)._pwik_get_protected()
        return self.filtered(lambda user: user.sudo().partner_id.sudo(self.env.su) in protected)

    def _pwik_get_open_sql(self, alias, name, query):
        return SQL("TRUE")  # the column is the partner's, who has left out what is closed


class ResPartnerBank(models.Model):
    """Bank accounts of customers; the utility's own are printed on each invoice."""

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "pwik.masked"]

    _pwik_masks = {"acc_number": mask_account, "sanitized_acc_number": mask_account}

    def _pwik_get_protected(self):
        if self._pwik_sees_identifiers():
            return self.browse()
        own = self._pwik_get_own_companies()
        return self.filtered(lambda bank: bank.sudo().partner_id not in own)

    def _pwik_get_open_sql(self, alias, name, query):
        own = tuple(self._pwik_get_own_companies().ids) or (0,)
        return SQL("%s IN %s", self.sudo()._field_to_sql(alias, "partner_id", query), own)

    @api.depends_context("uid", "su")
    def _compute_display_name(self):
        """Also where another record leads to the account."""
        result = super()._compute_display_name()
        for bank in self._pwik_get_protected():
            number = bank.acc_number or ""
            bank.display_name = (bank.display_name or "").replace(number, mask_account(number))
        return result


class PwikCaseChange(models.Model):
    """A requested change tells the customer's telephone too."""

    _name = "pwik.case.change"
    _inherit = ["pwik.case.change", "pwik.masked"]

    _pwik_masks = {"old_value": mask_phone, "new_value": mask_phone, "current_value": mask_phone}

    def _pwik_get_protected(self):
        if self._pwik_sees_identifiers():
            return self.browse()
        phones = self.sudo().filtered(
            lambda change: (
                change.field_name == "phone"
                and change.case_id.partner_id.sudo(False).with_user(self.env.user)._pwik_get_protected()
            )
        )
        return phones.sudo(self.env.su)

    def _pwik_get_open_sql(self, alias, name, query):
        return SQL("%s <> 'phone'", self.sudo()._field_to_sql(alias, "field_name", query))

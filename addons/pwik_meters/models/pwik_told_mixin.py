from odoo import api, models


class PwikToldMixin(models.AbstractModel):
    """A row without a chatter of its own, whose changes are told in the chatter of the record it belongs to.

    Odoo's ``tracking`` tells changes of the record's own fields; the rows of its history (who lives here, which
    seal, which meter stood where) are key values too, and who changed them and when has to stay.
    """

    _name = "pwik.told.mixin"
    _description = "Changes are told on the owner"

    # Name of the many2one to the record (a mail.thread) that tells.
    _told_on = None

    def _describe(self):
        """The row's key values in words, one line; equal words are no change."""
        raise NotImplementedError

    def _is_told(self):
        """Whether a change of this row is worth a line: not while its owner is still being drafted."""
        return True

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._tell({row: (None, row._describe()) for row in rows._get_told()})
        return rows

    def write(self, vals):
        before = {row: row._describe() for row in self._get_told()}
        result = super().write(vals)
        self._tell({row: (old, row._describe()) for row, old in before.items()})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_is_told(self):
        self._tell({row: (row._describe(), None) for row in self._get_told()})

    def _get_told(self):
        # what a module brings along was changed by nobody, and the names of models are not translated yet
        if self.env.context.get("tracking_disable") or self.env.context.get("install_mode"):
            return self.browse()
        return self.filtered(lambda row: row._is_told())

    def _tell(self, changes):
        """Write a line per change into the owner's chatter.

        :param changes: ``{row: (words before, words after)}``, None where there was or is no row
        """
        what = self.env["ir.model"]._get(self._name).name
        for row, (old, new) in changes.items():
            if old == new:
                continue
            row[self._told_on]._message_log(body=row._put_in_words(what, old, new))

    def _put_in_words(self, what, old, new):
        if old is None:
            return self.env._("%(what)s added: %(new)s", what=what, new=new)
        if new is None:
            return self.env._("%(what)s deleted: %(old)s", what=what, old=old)
        return self.env._("%(what)s changed: %(old)s → %(new)s", what=what, old=old, new=new)

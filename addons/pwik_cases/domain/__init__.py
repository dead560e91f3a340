"""Pure thinking of the cases: no Odoo here."""

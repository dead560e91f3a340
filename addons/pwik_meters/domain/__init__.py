"""Pure thinking of the register: no Odoo here."""

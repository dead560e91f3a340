"""Pure thinking of the e-invoice: transfer code, signature, who gets what. No Odoo here."""

"""The thinking of eBOK: plain values, no Odoo."""

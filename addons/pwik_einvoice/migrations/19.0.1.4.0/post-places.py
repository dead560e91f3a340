"""First and last place of print batches, as a person reads them; until now they were the keys of the order."""

from odoo.addons.pwik_einvoice.domain.delivery import readable_place


def migrate(cr, version):
    cr.execute("SELECT id, first_place, last_place FROM pwik_delivery_batch")
    for batch, *places in cr.fetchall():
        cr.execute(
            "UPDATE pwik_delivery_batch SET first_place = %s, last_place = %s WHERE id = %s",
            [*(readable_place(place) or None for place in places), batch],
        )

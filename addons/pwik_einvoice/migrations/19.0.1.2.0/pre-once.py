"""A cancelled row no longer counts as a delivery: the constraint became an index of the others."""


def migrate(cr, version):
    cr.execute("ALTER TABLE pwik_delivery DROP CONSTRAINT IF EXISTS pwik_delivery_once")

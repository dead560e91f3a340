"""Between Odoo's floats and the engine's decimals: the only place where one becomes the other."""

from decimal import Decimal

MONEY = Decimal("0.01")
VOLUME = Decimal("0.001")


def to_decimal(value, step):
    """Exact decimal of a stored number: ``to_decimal(4.76, MONEY) == Decimal('4.76')``.

    :param float value: as Odoo keeps it (the column is ``numeric`` with the field's digits)
    :param Decimal step: smallest unit of the field, e.g. ``MONEY``
    """
    return Decimal(str(value or 0)).quantize(step)

"""Rounding of money and volume. Everything is ``Decimal``; nothing here ever sees a float."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

#: Quantity policy -> smallest quantity that is billed, in m³.
QUANTA = {"whole": Decimal(1), "decimal3": Decimal("0.001")}


def half_up(value: Decimal, quantum: Decimal) -> Decimal:
    """``value`` rounded to a multiple of ``quantum`` (a power of ten), halves away from zero; never
    ``-0``.
    """
    return value.quantize(quantum, ROUND_HALF_UP) + ZERO


def floor_to(value: Decimal, quantum: Decimal) -> Decimal:
    """``value`` cut down to a multiple of ``quantum``: the fraction stays on the register."""
    return value.quantize(quantum, ROUND_FLOOR)


def line_net(quantity: Decimal, price: Decimal) -> Decimal:
    """Net of a line in zł: quantity × net price, rounded to 0.01 half up."""
    return half_up(quantity * price, CENT)


def vat_of(nets: Iterable[Decimal], rate: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """(net, VAT, gross) in zł of the line nets at ``rate`` percent.

    VAT is computed from the sum of the nets of one rate, never as a sum of the lines' own VAT (VAT act of 11
    March 2004, art. 106e sec. 1 points 13 and 14).
    """
    net = sum(nets, ZERO).quantize(CENT)
    vat = half_up(net * rate / HUNDRED, CENT)
    return net, vat, net + vat

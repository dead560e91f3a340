"""What happens between the engine's document and the posted move."""

from decimal import ROUND_FLOOR, Decimal

from odoo.exceptions import UserError

from .numbers import MONEY, to_decimal

ROUNDING = Decimal("0.02")  # most that rounding of a few lines can make


def measures_of(source, contract, document):
    """Values of ``pwik.settlement.measure`` for what the engine's ``document`` is made from (none without a document).

    The engine tells the pairs of values behind its lines. A meter that measured nothing has no line, but its readings
    are billed all the same: the next settlement goes on from them. An estimate has no value at all: the one it leads
    to is written down, so that people can compare.
    """
    if document is None:
        return []
    pairs = {(pair.meter, pair.date_to): pair for line in document.lines for pair in line.values}
    guessed = dict(document.guessed)
    values = []
    for term in source.points[contract.id]:
        for meter in term.meters:
            own = sorted((p for p in pairs.values() if p.meter == meter.key), key=lambda p: p.date_to)
            values += [
                _prepare_measure(source, meter, p.opened, p.previous, p.date_to, p.current, p.quantity)
                for p in own
            ]
            if term.number in guessed and _is_guessed(meter, source):
                values.append(_prepare_guess(source, meter, own, guessed[term.number]))
            elif not own and len(meter.readings) > 1:
                (first, (start, *_a)), *_between, (last, (end, *_b)) = meter.readings.items()
                values.append(
                    _prepare_measure(source, meter, first, start, last, end, _floor(end) - _floor(start))
                )
    return values


def _is_guessed(meter, source):
    return meter.kind in ("main", "unit") and meter.stays(source.date_to) and meter.readings


def _prepare_guess(source, meter, own, guess):
    """From the last value known to the one that ``guess`` m³ lead to, as the register would show it: past its end from 0 on."""
    if own:
        day, value = own[-1].date_to, own[-1].current
    else:
        day, (value, *_rest) = list(meter.readings.items())[-1]
    reached = (value + guess) % 10**meter.digits
    return _prepare_measure(source, meter, day, value, source.date_to, reached, guess)


def _floor(value):
    return value.quantize(Decimal(1), ROUND_FLOOR)


def _prepare_measure(source, meter, day_from, value_from, day_to, value_to, quantity):
    _v, source_from, reading_from = meter.readings.get(day_from, (value_from, "estimate", None))
    _v, source_to, reading_to = meter.readings.get(day_to, (value_to, "estimate", None))
    return {
        "company_id": source.company.id,
        "installation_id": meter.id,
        "meter_id": meter.meter_id,
        "service_point_id": meter.point_id,
        "date_from": day_from,
        "value_from": value_from,
        "source_from": source_from,
        "reading_from_id": reading_from or False,
        "date_to": day_to,
        "value_to": value_to,
        "source_to": source_to,
        "reading_to_id": reading_to or False,
        "quantity": quantity,
    }


def align_vat(settlements):
    """Put the act's tax on the tax line of drafts whose lines Odoo made, as ``LineCompleter`` does on those that it gives.

    Where quantities have three decimals, Odoo taxes the sum of the unrounded nets: a grosz may go the other way. The act wants
    the tax of the sum of the rounded nets (art. 106e). More than that is no rounding, and is left to :func:`verify`.
    """
    for settlement in settlements:
        move = settlement.move_id
        difference = abs(to_decimal(settlement.vat, MONEY)) - to_decimal(move.amount_tax, MONEY)
        tax_line = move.line_ids.filtered("tax_line_id")
        if not difference or abs(difference) > ROUNDING or len(tax_line) != 1:
            continue
        sign = -1 if move.is_inbound() else 1
        tax_line.amount_currency += sign * float(difference)


def verify(settlements):
    """Odoo computed taxes and sums on its own: they must be the engine's, to the grosz.

    :raise UserError: names the first contract whose sums differ; the caller's savepoint takes its invoice back
    """
    for settlement in settlements:
        move = settlement.move_id
        ours = [abs(to_decimal(v, MONEY)) for v in (settlement.net, settlement.vat, settlement.gross)]
        odoos = [to_decimal(v, MONEY) for v in (move.amount_untaxed, move.amount_tax, move.amount_total)]
        if ours != odoos:
            raise UserError(
                settlements.env._(
                    "Contract %(contract)s: the invoice has %(invoice)s, the settlement %(settlement)s (net, VAT, gross).",
                    contract=settlement.contract_id.number,
                    invoice=" / ".join(map(str, odoos)),
                    settlement=" / ".join(map(str, ours)),
                )
            )

"""Months of meters that have no reading, for the month-end values which overlays keep."""

from odoo.addons.pwik_meters.tools.copying import to_array
from odoo.tools import SQL

# An estimate stands in for a reading that was missed: once the register is known it is settled as after any later reading.
MISSED = """
    SELECT k.place
      FROM unnest(%s::int[], %s::date[], %s::date[]) WITH ORDINALITY AS k(meter_id, first, last, place)
     WHERE EXISTS (SELECT 1 FROM pwik_meter_installation i
                    WHERE i.meter_id = k.meter_id AND i.date_from < k.last
                      AND (i.date_to IS NULL OR i.date_to > k.last))
       AND NOT EXISTS (SELECT 1 FROM pwik_reading r
                        WHERE r.meter_id = k.meter_id AND r.register = 'main'
                          AND r.date BETWEEN k.first AND k.last AND r.source <> 'estimate'
                          AND r.state <> 'rejected' AND r.superseded IS NOT TRUE)
  ORDER BY k.place
"""


def find(env, meter_ids, days):
    """Which of these months have no reading but estimates, while the meter was there.

    :param meter_ids: list of ids
    :param days: the last day of a month for each of them
    :return: places in these lists, counted from 0
    """
    env["pwik.reading"].flush_model()
    env["pwik.meter.installation"].flush_model()
    firsts = [day.replace(day=1) for day in days]
    env.cr.execute(SQL(MISSED, to_array(meter_ids), to_array(firsts), to_array(days)))
    return [place - 1 for (place,) in env.cr.fetchall()]

"""QR codes as pictures."""

import io

import segno
from odoo.addons.pwik_meters.tools.print_picture import wrap_picture

BORDER = 2  # modules


def draw_code(text, error, printed=False):
    """The code of ``text``: a ``data:`` address of an SVG for a screen, bytes of a picture for a document.

    :param str error: how much of the code may be destroyed: ``"l"`` 7 %, ``"m"`` 15 %
    :param bool printed: points, 4 a module: sharp on paper, and small in each of the many documents that carry it
    """
    code = segno.make(text, error=error, encoding="utf-8")
    if not printed:
        return code.svg_data_uri(scale=3, border=BORDER)
    out = io.BytesIO()
    code.save(out, kind="png", scale=4, border=BORDER)
    side, _side = code.symbol_size(scale=4, border=BORDER)
    return wrap_picture("png", out.getvalue(), side, side)

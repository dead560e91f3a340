"""QR codes as ``data:`` addresses of pictures."""

import segno


def draw_code(text, error, printed=False):
    """The code of ``text``: an SVG for a screen; for a document a PNG, which WeasyPrint draws faster.

    :param str error: how much of the code may be destroyed: ``"l"`` 7 %, ``"m"`` 15 %
    :param bool printed: PNG of 4 points a module: sharp on paper, and small in each of the many documents that carry it
    """
    code = segno.make(text, error=error, encoding="utf-8")
    return code.png_data_uri(scale=4, border=2) if printed else code.svg_data_uri(scale=3, border=2)

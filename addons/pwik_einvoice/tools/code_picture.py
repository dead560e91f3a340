"""QR codes as ``data:`` addresses of pictures."""

import segno


def draw_code(text, error, printed=False):
    """The code of ``text``: an SVG for a screen; for a document a PNG, which WeasyPrint draws faster.

    :param str error: how much of the code may be destroyed: ``"l"`` 7 %, ``"m"`` 15 %
    :param bool printed: PNG of 8 points a module, so that no viewer has a reason to blur it
    """
    code = segno.make(text, error=error, encoding="utf-8")
    return code.png_data_uri(scale=8, border=2) if printed else code.svg_data_uri(scale=3, border=2)

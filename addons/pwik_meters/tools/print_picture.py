"""Pictures as a document takes them."""

import base64
import functools
import io
import logging

from PIL import Image

from .typeset import can_draw

_logger = logging.getLogger(__name__)

# Points of a logo in print: 300 to the inch at the 60 by 16 mm that our letterhead has for it.
LOGO_POINTS = (708, 189)


def wrap_picture(kind, content, width, height):
    """An SVG around a picture in points, which Typst takes as it is: nothing is packed anew.

    :param str kind: ``jpeg`` or ``png``
    :return: bytes
    """
    address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    size = f'width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">'
        f'<image {size} href="{address}"/></svg>'
    ).encode()


@functools.lru_cache(maxsize=8)
def print_picture(content):
    """A picture for the head of a document: as an SVG, or as a JPEG on white within one.

    :param bytes content: the picture's file
    :return: bytes of an SVG, or None where the file is no picture that can be read
    """
    if content.lstrip().startswith(b"<"):
        if can_draw(content):
            return content
        _logger.warning("The logo is left out of documents: this SVG cannot be drawn.")
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            coloured = picture.convert("RGBA")
    except (OSError, ValueError):
        _logger.warning("The logo is left out of documents: it is no picture that can be read.")
        return None
    coloured.thumbnail(LOGO_POINTS, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", coloured.size, "white")
    sheet.paste(coloured, mask=coloured)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, subsampling=0)
    return wrap_picture("jpeg", out.getvalue(), *sheet.size)

"""Pictures as a document takes them."""

import functools
import io
import logging

from PIL import Image

from .typeset import can_draw

_logger = logging.getLogger(__name__)

# Points of a logo in print: 300 to the inch at the 60 by 16 mm that our letterhead has for it.
LOGO_POINTS = (708, 189)


@functools.lru_cache(maxsize=8)
def print_picture(content):
    """A picture for the head of a document as JPEG on white, which a PDF takes as it is: nothing is packed anew each time.

    :param bytes content: the picture's file
    :return: bytes (an SVG as it came), or None where the file is no picture that can be read
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
    sheet.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()

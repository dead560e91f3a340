"""HTML to PDF by WeasyPrint: tagged PDF/A-3a, nothing fetched from network or disk but the addons' static files."""

import base64
import functools
import io
import logging
import os
import re
from collections import deque
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import weasyprint
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.misc import file_open, file_path
from PIL import Image
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from .garbage import without_collector

_logger = logging.getLogger(__name__)
# Both log each step at INFO and each trifle of a document as an error; what matters is logged here.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
logging.getLogger("fontTools").setLevel(logging.WARNING)

# A host that cannot exist (RFC 2606): relative addresses of a document resolve here and are answered from the addons.
BASE_URL = "http://static.invalid"
STATIC_EXTENSIONS = (".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ttf", ".otf", ".woff", ".woff2")
MIMETYPES = {".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF (PDF/A-3). ``relationship``: Source, Data, Alternative, Supplement or Unspecified."""

    name: str
    content: bytes
    description: str = ""
    relationship: str = "Unspecified"


class StaticFetcher(URLFetcher):
    """Answers ``data:`` and ``/<addon>/static/…`` addresses; everything else is refused.

    The content of a document may come from outside (names, notes, an HTML field): it must neither call a server nor
    read a file of this machine.
    """

    def fetch(self, url, headers=None):
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        path = unquote(parts.path).lstrip("/")
        names = path.split("/")
        if (
            f"{parts.scheme}://{parts.netloc}" != BASE_URL
            or len(names) < 3
            or names[1] != "static"
            or ".." in names
        ):
            _logger.warning("Document refers to %s, which is not fetched.", url[:200])
            raise ValueError(f"Not fetched: {url[:200]}")
        with file_open(path, "rb", filter_ext=STATIC_EXTENSIONS) as file:
            content = file.read()
        extension = path[path.rfind(".") :].lower()
        mimetype = MIMETYPES.get(extension) or guess_mimetype(content)
        return URLFetcherResponse(url, content, {"Content-Type": mimetype})


# Points of a logo in print: 300 to the inch at the 60 by 16 mm that our letterhead has for it.
LOGO_POINTS = (708, 189)
# White space at the edge of a block is never seen; to the renderer each piece of it is a box.
_EDGE = re.compile(
    r"\s*\n\s*(</?(?:html|head|meta|title|link|style|body|main|div|section|table|thead|tbody|tr|td|th|h[1-6]|p|ul|ol|li|dl|dt|dd"
    r"|svg|rect|line)\b[^>]*>)\s*"
)


@functools.lru_cache(maxsize=8)
def print_picture(content):
    """A picture for the head of a document as JPEG on white, which a PDF takes as it is: nothing is packed anew each time.

    :param bytes content: the picture's file
    :return: a ``data:`` address, or None where the file is no picture that can be read
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            coloured = picture.convert("RGBA")
    except (OSError, ValueError):
        return None
    coloured.thumbnail(LOGO_POINTS, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", coloured.size, "white")
    sheet.paste(coloured, mask=coloured)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=92, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


# <link> to a stylesheet of an addon, as our layouts write it.
STYLESHEET = re.compile(r'<link rel="stylesheet"(?: type="text/css")? href="(/[^"]+\.css)"\s*/?>')
# Engines that nobody uses now. A font map must not be used by two threads at once, so each rendering takes one out.
_engines = deque(maxlen=4)


class Engine:
    """What all documents share: the fonts and the parsed stylesheets.

    A linked stylesheet is given to WeasyPrint as the user's (lower than the ``<style>`` and ``style=`` of the document).
    """

    def __init__(self):
        self.fonts = FontConfiguration()
        self.fetcher = StaticFetcher()
        self._sheets = {}

    def get_sheet(self, address):
        """Parsed stylesheet of ``/<addon>/static/….css``; None where it is not fetched, which the fetcher logs."""
        try:
            version = os.stat(file_path(unquote(address).lstrip("/"))).st_mtime_ns
        except (OSError, ValueError):
            version = None
        known = self._sheets.get(address)
        if known is None or known[0] != version:
            try:
                sheet = weasyprint.CSS(
                    url=f"{BASE_URL}{address}",
                    url_fetcher=self.fetcher,
                    media_type="print",
                    font_config=self.fonts,
                )
            except (OSError, ValueError):
                return None
            known = self._sheets[address] = (version, sheet)
        return known[1]

    def render(self, html):
        """:return: a ``weasyprint.Document``; it is written before the engine is used again"""
        addresses = dict.fromkeys(STYLESHEET.findall(html))
        return weasyprint.HTML(
            string=_EDGE.sub(r"\1", STYLESHEET.sub("", html)),
            base_url=f"{BASE_URL}/",
            url_fetcher=self.fetcher,
            media_type="print",
        ).render(
            font_config=self.fonts,
            stylesheets=[sheet for sheet in map(self.get_sheet, addresses) if sheet],
        )


def html_to_pdf(html, attachments=()):
    """Render one HTML document.

    :param str html: a whole document; its ``<title>`` and ``lang`` become the PDF's
    :param attachments: iterable of :class:`Attachment`
    :return: bytes of a tagged PDF/A-3a (ISO 19005-3, level A: readable aloud and archivable)
    """
    try:
        engine = _engines.pop()
    except IndexError:
        engine = Engine()
    with without_collector():
        document = engine.render(html)
        document.metadata.attachments = [
            weasyprint.Attachment(
                string=item.content,
                name=item.name,
                description=item.description,
                relationship=item.relationship,
            )
            for item in attachments
        ]
        content = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    _engines.append(engine)  # not after an error: who knows what state it is in
    return content

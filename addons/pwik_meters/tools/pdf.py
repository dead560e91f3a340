"""HTML to PDF by WeasyPrint: tagged PDF/A-3a, nothing fetched from network or disk but the addons' static files."""

import logging
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import weasyprint
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.misc import file_open
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

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


def html_to_pdf(html, attachments=()):
    """Render one HTML document.

    :param str html: a whole document; its ``<title>`` and ``lang`` become the PDF's
    :param attachments: iterable of :class:`Attachment`
    :return: bytes of a tagged PDF/A-3a (ISO 19005-3, level A: readable aloud and archivable)
    """
    fonts = FontConfiguration()
    fetcher = StaticFetcher()
    document = weasyprint.HTML(
        string=html,
        base_url=f"{BASE_URL}/",
        url_fetcher=fetcher,
        media_type="print",
    ).render(font_config=fonts)
    document.metadata.attachments = [
        weasyprint.Attachment(
            string=item.content,
            name=item.name,
            description=item.description,
            relationship=item.relationship,
        )
        for item in attachments
    ]
    return document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)

"""What the locked packages must be able to do on every Python that we serve, with the system's libraries."""

from reportlab.graphics import renderPM
from reportlab.graphics.barcode import createBarcodeDrawing


def test_odoo_can_draw_bar_codes():
    """As Odoo's /report/barcode does: without a raster backend this raises."""
    drawing = createBarcodeDrawing(
        "QR", value="PL61109010140000071219812874", format="png", width=200, height=200
    )
    assert renderPM.drawToString(drawing, fmt="PNG").startswith(b"\x89PNG")


def test_documents_can_be_printed():
    import typst

    assert typst.compile({"main.typ": "Zażółć gęślą jaźń".encode()}).startswith(b"%PDF-")


def test_postgres_is_reached_without_a_compiler():
    import psycopg2

    assert "binary" in psycopg2.__version__ or psycopg2.__libpq_version__ >= 130000

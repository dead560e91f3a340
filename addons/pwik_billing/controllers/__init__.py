from . import pricelist

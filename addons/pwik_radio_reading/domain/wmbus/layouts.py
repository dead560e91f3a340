"""Layouts of compact frames (EN 13757-3, annex K): the record heads that a signature stands for."""

from collections import OrderedDict
from functools import lru_cache

from ..errors import DomainError
from .crc import crc16
from .heads import layout_heads

# Heads of the full frames of Kamstrup's water meters and, last, Engelmann's; the signature is the checksum of the heads.
KNOWN = (
    "02FF2004134413615B6167",
    "02FF20041392013BA1015B8101E7FF0F",
    "02FF2004134413A1015B8101E7FF0F",
    "02FF2004134413615B5167",
    "02FF2004134413",
    "02FF200413523B",
    "04FF234413523B06FF1B426C61675167023B04138101E7FF0F",
    "04FF2304134413426C023B92013BA2013B06FF1BA1015B91015BA10167",
    "02FF2004134413426C523B615B616751678101E7FF0F06FF1B",
    "426C441301FD17840113C40113840213C40213840313C40313840413C40413840513C40513840613C40613840713C40713840813046D0413",
)

_MOST_KEPT = 4096  # each full frame asks for the signature of its heads


@lru_cache(_MOST_KEPT)
def signature(heads: bytes) -> int:
    """Signature of heads in a row: their CRC-16."""
    return crc16(heads)


_KNOWN = {signature(bytes.fromhex(heads)): bytes.fromhex(heads) for heads in KNOWN}


class Layouts:
    """Layouts known by signature: those built in and those of full frames seen before, at most ``limit`` of these."""

    def __init__(self, limit: int = 1000):
        self._learned: OrderedDict[int, bytes] = OrderedDict()
        self._limit = limit

    def get(self, number: int) -> bytes | None:
        return _KNOWN.get(number) or self._learned.get(number)

    def learn(self, heads: bytes) -> None:
        """Remember the heads of a full frame unless their data has no fixed width."""
        number = signature(heads)
        if not heads or number in _KNOWN or number in self._learned:
            return
        try:
            if not all(head.width for head in layout_heads(heads)):
                return
        except DomainError:
            return
        self._learned[number] = heads
        if len(self._learned) > self._limit:
            self._learned.popitem(last=False)

"""Value information of EN 13757-3 (6.4): what a number in a data record measures."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """``scale``: power of ten that leads to ``unit``; ``kind`` names how the data is to be read."""

    quantity: str
    scale: int = 0
    unit: str = ""
    kind: str = "number"


UNKNOWN = Meaning("unknown")
VENDOR = Meaning("vendor", kind="raw")
PLAIN_TEXT = Meaning("text_unit")

_TIME = ("s", "min", "h", "d")


def _range(table: dict[int, Meaning], first: int, count: int, quantity: str, scale: int, unit: str) -> None:
    """``count`` codes in a row, each ten times the one before."""
    for step in range(count):
        table[first + step] = Meaning(quantity, scale + step, unit)


def _times(table: dict[int, Meaning], first: int, quantity: str) -> None:
    for step, unit in enumerate(_TIME):
        table[first + step] = Meaning(quantity, 0, unit)


def _primary() -> dict[int, Meaning]:
    """Table 10: primary value information."""
    table: dict[int, Meaning] = {}
    _range(table, 0x00, 8, "energy", -3, "Wh")
    _range(table, 0x08, 8, "energy", 0, "J")
    _range(table, 0x10, 8, "volume", -6, "m3")
    _range(table, 0x18, 8, "mass", -3, "kg")
    _times(table, 0x20, "on_time")
    _times(table, 0x24, "operating_time")
    _range(table, 0x28, 8, "power", -3, "W")
    _range(table, 0x30, 8, "power", 0, "J/h")
    _range(table, 0x38, 8, "flow", -6, "m3/h")
    _range(table, 0x40, 8, "flow", -7, "m3/min")
    _range(table, 0x48, 8, "flow", -9, "m3/s")
    _range(table, 0x50, 8, "mass_flow", -3, "kg/h")
    _range(table, 0x58, 4, "flow_temperature", -3, "C")
    _range(table, 0x5C, 4, "return_temperature", -3, "C")
    _range(table, 0x60, 4, "temperature_difference", -3, "K")
    _range(table, 0x64, 4, "external_temperature", -3, "C")
    _range(table, 0x68, 4, "pressure", -3, "bar")
    table[0x6C] = Meaning("date", kind="date")
    table[0x6D] = Meaning("datetime", kind="datetime")
    table[0x6E] = Meaning("heat_cost_units")
    _times(table, 0x70, "averaging_duration")
    _times(table, 0x74, "actuality_duration")
    table[0x78] = Meaning("fabrication_number", kind="identity")
    table[0x79] = Meaning("enhanced_id", kind="identity")
    table[0x7A] = Meaning("bus_address")
    table[0x7E] = Meaning("any")
    return table


def _fb() -> dict[int, Meaning]:
    """Table 14: first extension (FB), as far as water meters use it."""
    table: dict[int, Meaning] = {}
    _range(table, 0x00, 2, "energy", 5, "Wh")
    _range(table, 0x08, 2, "energy", 8, "J")
    _range(table, 0x10, 2, "volume", 2, "m3")
    _range(table, 0x18, 2, "mass", 5, "kg")
    table[0x1A] = Meaning("relative_humidity", -1, "%")
    table[0x1B] = Meaning("relative_humidity", 0, "%")
    return table


_FD_NAMES = {
    0x08: "access_number",
    0x09: "medium",
    0x0A: "manufacturer",
    0x0B: "parameter_set",
    0x0C: "model_version",
    0x0D: "hardware_version",
    0x0E: "firmware_version",
    0x0F: "software_version",
    0x10: "customer_location",
    0x11: "customer",
    0x16: "password",
    0x17: "error_flags",
    0x18: "error_mask",
    0x1A: "digital_output",
    0x1B: "digital_input",
    0x20: "first_storage",
    0x21: "last_storage",
    0x22: "storage_block",
    0x28: "storage_interval_month",
    0x29: "storage_interval_year",
    0x2C: "duration_since_readout_s",
    0x3A: "dimensionless",
    0x60: "reset_counter",
    0x61: "cumulation_counter",
    0x62: "control_signal",
    0x66: "state_of_parameters",
    0x67: "special_supplier_info",
    0x71: "rf_level",
    0x74: "battery_remaining_days",
}
_FD_IDENTITIES = frozenset((0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11))


def _fd() -> dict[int, Meaning]:
    """Table 12: second extension (FD)."""
    table = {
        code: Meaning(name, kind="identity" if code in _FD_IDENTITIES else "number")
        for code, name in _FD_NAMES.items()
    }
    table[0x70] = Meaning("battery_change", kind="datetime")
    _times(table, 0x24, "storage_interval")
    _times(table, 0x6C, "battery_time")
    _range(table, 0x40, 16, "voltage", -9, "V")
    _range(table, 0x50, 16, "current", -12, "A")
    return table


PRIMARY = _primary()
FB = _fb()
FD = _fd()

# Combinable extensions (table 15), as far as they change what a volume or a date means.
FORWARD, BACKWARD = "forward", "backward"
_QUALIFIERS = {
    0x13: "inverse_compact_profile",
    0x1E: "compact_profile",
    0x1F: "compact_profile_bare",
    0x39: "start_of",
    0x3A: "uncorrected",
    0x3B: FORWARD,
    0x3C: BACKWARD,
    0x3D: "at_metrology",
    0x3E: "base_conditions",
    0x7D: "times_1000",
    0x7E: "future",
    0x7F: "vendor",
}


def qualifier(code: int) -> tuple[str, int]:
    """Name of a combinable extension and the power of ten by which it changes the scale."""
    if 0x70 <= code <= 0x77:
        return "corrected", code - 0x70 - 6
    if code == 0x7D:
        return "corrected", 3
    name = _QUALIFIERS.get(code)
    if name:
        return name, 0
    if code <= 0x1F:
        return f"record_error_{code:02x}", 0
    if 0x40 <= code <= 0x6F:
        return f"limit_or_duration_{code:02x}", 0
    return f"extension_{code:02x}", 0

"""Radio reading on a portable computer: telegrams from a dongle into a dump file, without keys and without a server."""

__version__ = "1.0.0"

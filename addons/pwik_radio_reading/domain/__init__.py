"""Radio reading without Odoo: telegrams, dump files, keys and the choice of a reading.

Names that others call:

- ``wmbus.decode(telegram, key, *, received=None, layouts=None) -> Telegram`` and ``wmbus.Layouts``
- ``wmbus.address(telegram) -> Address``: whose telegram it is, without any key (to find the key)
- ``alarms.ALARMS``: the one vocabulary of alarms
- ``formats.read_dump(data_or_stream) -> Iterator[DumpLine]``, ``formats.identify(head)``
- ``unpack.open_members(data_or_stream)``: gzip and zip around a dump, with limits
- ``profile.Profile``: a mapping of a vendor's CSV or XLSX export, ``profile.preview``
- ``keys.read_keys(data, password=None)``: key files (CSV, Kamstrup KEM)
- ``select.best(telegrams, ...)``: the reading of a meter out of its telegrams
- ``cli.main(lines, out)``: ``./pwik decode``
- ``errors``: every error derives from ``DomainError`` and has a ``code``
"""

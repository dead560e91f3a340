"""Errors of the settlement engine.

Each carries a stable ``code`` (what kind), a message in English, ``where`` (path of the value in the
request, for instance ``points[0].meters[1].readings``) and ``params`` (named values, from which a model
builds its own translated text).
"""


class DomainError(Exception):
    """Base of all errors of this addon's domain."""

    code = "error"

    def __init__(self, message: str, where: str = "", **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.params = params


class BadRequest(DomainError):
    """The request contradicts itself or its form: unknown key, wrong type, dates in the wrong order, doubled
    id.
    """

    code = "bad_request"


class MissingRate(DomainError):
    """No tariff is in force on a day that is billed, or the one in force lacks the price that is needed."""

    code = "missing_rate"


class MissingReading(DomainError):
    """A register value (or the history that replaces it) that the quantity rests on is not there."""

    code = "missing_reading"


class OverlappingTariffs(DomainError):
    """Two tariffs are in force on the same day."""

    code = "overlapping_tariffs"


class Implausible(DomainError):
    """A value that a person must look at: register running backwards, main meter below its units, rollover
    too far.
    """

    code = "implausible"

"""Errors of the e-invoice's domain."""


class DomainError(Exception):
    """Base of all errors raised in this package. ``code`` is stable, the text is for developers."""

    code = "einvoice"


class SignatureFailed(DomainError):
    """A document could not be signed: the key does not belong to the certificate, or one of them cannot be read."""

    code = "signature_failed"


class SignatureInvalid(DomainError):
    """A signed document is not what was signed, or carries no signature of ours."""

    code = "signature_invalid"


class NoTransferCode(DomainError):
    """The transfer cannot be told in the 2D code: amount out of range, or a part is missing."""

    code = "no_transfer_code"


class InvalidInvoice(DomainError):
    """The XML of an invoice does not meet the FA(3) schema; the text names the elements."""

    code = "invalid_invoice"

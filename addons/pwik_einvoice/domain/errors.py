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


class UnreadableDocument(SignatureInvalid):
    """Not an XML document that is looked into: broken, too large, or with declarations that only an attack needs."""

    code = "unreadable"


class NotSigned(SignatureInvalid):
    """The document carries no signature in the place where ours stands."""

    code = "not_signed"


class ForeignSignature(SignatureInvalid):
    """The document was signed, but with another certificate."""

    code = "foreign"


class ChangedDocument(SignatureInvalid):
    """The document bears our signature, and is not what was signed."""

    code = "changed"


class NoTransferCode(DomainError):
    """The transfer cannot be told in the 2D code: amount out of range, or a part is missing."""

    code = "no_transfer_code"


class InvalidInvoice(DomainError):
    """The XML of an invoice does not meet the FA(3) schema; the text names the elements."""

    code = "invalid_invoice"


class BankFileError(DomainError):
    """A bank's file cannot be taken as it is. ``code`` says why, ``params`` are values for the text that a person reads."""

    code = "bank_file"

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code, self.params = code, params

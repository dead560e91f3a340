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


class BankFileError(DomainError):
    """A bank's file cannot be taken as it is. ``code`` says why, ``params`` are values for the text that a person reads."""

    code = "bank_file"

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code, self.params = code, params

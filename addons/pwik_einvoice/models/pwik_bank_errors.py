"""What is wrong with a bank's file, in words that tell a clerk what to do."""


def explain(env, error):
    """The message for a ``BankFileError``."""
    values = {name: value for name, value in error.params.items() if value is not None}
    messages = {
        "empty": env._("The file is empty. Download it from the bank again."),
        "too_big": env._("The file is larger than %(limit)s MB. Ask the bank for shorter periods."),
        "binary": env._("This is no text file. Ask the bank for MT940, camt.053 or collected payments."),
        "unknown_format": env._(
            "This is neither MT940, nor camt.053, nor a list of collected payments by the journal's profile."
        ),
        "no_statement": env._("The file holds no statement."),
        "encoding": env._(
            "Line %(line)s cannot be read in the code page %(encoding)s. Choose the bank's code page in its profile."
        ),
        "syntax": env._("Near line %(line)s the file is not what MT940 asks for: “%(text)s”."),
        "truncated": env._(
            "The file ends at line %(line)s without a closing balance or a trailer: only a part of it arrived. "
            "Download it again."
        ),
        "no_account": env._("The statement at line %(line)s does not say of which account it is."),
        "currency": env._("The file is in %(found)s, the account in %(expected)s. Choose another journal."),
        "balance": env._(
            "Statement %(number)s does not add up: opening balance and payments make %(reached)s, the closing balance "
            "says %(closing)s. Ask the bank for a right file."
        ),
        "negative_amount": env._(
            "Line %(line)s has an amount that is not above zero. Ask the bank for a right file."
        ),
        "xml": env._("The XML is broken at line %(line)s: %(reason)s"),
        "doctype": env._(
            "The XML declares a document type or entities, which no bank does. It was not read."
        ),
        "version": env._("This XML is “%(found)s”. Only camt.053.001.02 and camt.053.001.08 are read."),
        "schema": env._("Line %(line)s is not what camt.053 asks for: %(reason)s"),
        "record": env._("Line %(line)s begins with no mark of the profile: “%(text)s”."),
        "after_trailer": env._(
            "Line %(line)s stands after the trailer. Import each list as a file of its own."
        ),
        "trailer_count": env._(
            "The trailer says %(told)s payments, the file holds %(found)s. Download it again."
        ),
        "trailer_sum": env._("The trailer says %(told)s, the payments make %(found)s. Download it again."),
        "amount": env._("Line %(line)s: “%(text)s” is no amount."),
        "date": env._("Line %(line)s: “%(text)s” is no date."),
        "account": env._("Line %(line)s: “%(text)s” is no account number of 26 digits."),
        "profile": env._("The profile cannot be read at “%(line)s”."),
    }
    return messages[error.code] % {**dict.fromkeys(("line", "text", "reason", "number"), "?"), **values}

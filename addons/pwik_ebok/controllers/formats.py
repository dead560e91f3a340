"""Days and amounts of the tables: the same text as Odoo's widgets give, without finding language and pattern for each cell."""

import re
from datetime import datetime

from babel.dates import parse_pattern
from odoo.tools import format_amount, format_date
from odoo.tools.misc import babel_locale_parse, get_lang, posix_to_ldml

_LONG = re.compile(r"\d{4,}")  # the whole part: what comes after the sign has two digits


def day_format(env):
    """Function of a date, of a moment (UTC) or of nothing to the day's text in the user's language."""
    lang = get_lang(env)
    locale = babel_locale_parse(lang.code)
    pattern = parse_pattern(posix_to_ldml(lang.date_format, locale=locale))

    def text(day):
        if isinstance(day, datetime):  # its day depends on the user's time zone
            return format_date(env, day)
        return pattern.apply(day, locale) if day else ""

    return text


def money_format(env):
    """Function of an amount and its currency (the company's, where none is named) to its text.

    Odoo's Polish writes 10722,66; a reader counts the digits. Thousands are set apart as a bank does it: 10 722,66.
    """
    own = env.company.currency_id
    apart = not get_lang(env).thousands_sep

    def text(amount, currency=None):
        plain = format_amount(env, amount, currency or own)
        return _LONG.sub(_set_apart, plain, count=1) if apart else plain

    return text


def _set_apart(digits):
    return f"{int(digits.group()):,}".replace(",", "\N{NO-BREAK SPACE}")

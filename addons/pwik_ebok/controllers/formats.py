"""Days and amounts of the tables: the same text as Odoo's widgets give, without finding language and pattern for each cell."""

from datetime import datetime

from babel.dates import parse_pattern
from odoo.tools import format_amount, format_date
from odoo.tools.misc import babel_locale_parse, get_lang, posix_to_ldml


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
    """Function of an amount and its currency (the company's, where none is named) to its text."""
    own = env.company.currency_id
    return lambda amount, currency=None: format_amount(env, amount, currency or own)

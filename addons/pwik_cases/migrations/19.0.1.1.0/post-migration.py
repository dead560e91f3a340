def migrate(cr, version):
    """The answer that a customer was given has a field of its own: until now he was shown the text as it stood."""
    cr.execute(
        "UPDATE pwik_case SET answer_sent = resolution WHERE date_answered IS NOT NULL AND resolution IS NOT NULL"
    )

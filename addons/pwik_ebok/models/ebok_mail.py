"""Letters of eBOK itself: what they say is a template, whom they reach is decided here."""


def send(env, name, record, address, lang=None, **values):
    """Queue the letter `name` about `record` to one address; nothing happens without an address.

    Queued and not sent at once: a mail server that is slow or away must not hold a page, nor tell by its time who is known.

    :param name: ``pwik_ebok.mail_template_<name>``
    :param lang: language of the reader; by default the company's
    :param values: what the template reads as ``ctx``: addresses with secrets, which no record keeps
    """
    if not address:
        return
    company = record.company_id if "company_id" in record and record.company_id else env.company
    # sudo: templates and the queue are the office's; the letter goes to the address that the caller has proven
    template = env.ref(f"pwik_ebok.mail_template_{name}").sudo()
    template = template.with_context(
        ebok_lang=lang or company.partner_id.lang or env.lang,
        ebok_company_name=company.sudo().name,
        ebok_base_url=record.get_base_url(),
        **values,
    )
    template.send_mail(
        record.id,
        email_values={
            "email_to": address,
            "recipient_ids": [],
            "email_from": company.sudo().email_formatted or template.env.user.email_formatted,
            "auto_delete": True,
        },
    )
    env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

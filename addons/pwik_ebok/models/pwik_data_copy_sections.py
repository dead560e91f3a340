"""What goes into a person's copy of his data, kind by kind: fields that are not named here stay with the office."""

FIELDS = {
    "customer": (
        *("name", "pwik_customer_number", "street", "street2", "zip", "city", "country_id", "phone", "email"),
        *("vat", "pwik_payment_account", "pwik_einvoice_consent_date", "pwik_einvoice_email"),
    ),
    "login": ("name", "login", "create_date"),
    "contracts": (
        *("number", "date_start", "date_end", "state", "service_water", "service_sewage", "billing_cycle"),
        *("billing_method", "supply_address", "tariff_group_water_id", "tariff_group_sewage_id"),
    ),
    "points": ("contract_id", "service_point_id", "date_from", "date_to", "state"),
    # not `consumption`: it counts from the reading before, which may be the former owner's
    "readings": ("date", "meter_id", "value", "source", "state", "contract_id"),
    "invoices": (
        *("name", "move_type", "invoice_date", "invoice_date_due", "pwik_period_from", "pwik_period_to"),
        *("amount_untaxed", "amount_tax", "amount_total", "amount_residual", "payment_state"),
        *("l10n_pl_edi_number", "pwik_contract_id"),
    ),
    "settlements": (
        "contract_id",
        "period_from",
        "period_to",
        "water_m3",
        "sewage_m3",
        "net",
        "vat",
        "gross",
    ),
    # not the title: it may bear the name of another payer
    "payments": ("date", "move_name", "debit", "credit"),
    "past_invoices": ("number", "document_kind", "date", "due_date", "net", "vat", "gross", "contract_id"),
    "past_payments": ("date", "amount", "contract_id"),
    "interest_notes": ("number", "date", "date_due", "amount"),
    "reminders": ("number", "date", "date_due", "title", "text", "amount"),
    "cases": (
        *(
            "number",
            "type_id",
            "name",
            "description",
            "date_received",
            "date_deadline",
            "state",
            "date_closed",
        ),
        *("ebok_answer", "contract_id", "meter_id", "reading_value", "reading_date"),
    ),
    "changes": ("case_id", "label", "old_value", "new_value", "ebok_decision", "ebok_reason"),
    "consents": ("date", "action", "channel", "email"),
    "notices": ("kind_id", "date_queued", "email", "state"),
    "preferences": ("kind_id", "channel", "wanted"),
}
OWN_COLUMNS = {
    "meters": ("meter", "address", "from", "to"),
    "messages": ("case", "moment", "who", "text"),
    "access": ("who", "role", "from", "to", "state"),
    "audit": ("moment", "what", "who", "detail", "network"),
}

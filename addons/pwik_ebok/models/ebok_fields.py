"""What a customer may read of the records that are his, model by model: everything else is the office's own."""

_EVERY = {"id", "display_name", "company_id", "ebok_visible", "create_date"}


def _names(text):
    return frozenset(_EVERY | set(text.split()))


READABLE = {
    "res.partner": _names(
        """
        name company_name active is_company type parent_id commercial_partner_id complete_name lang tz
        street street2 zip city state_id country_id phone email email_normalized email_formatted vat
        avatar_128 image_128 im_status partner_share user_ids main_user_id write_date
        pwik_customer_number pwik_contract_ids pwik_payment_account pwik_payment_account_display
        pwik_balance pwik_overdue pwik_currency_id
        pwik_einvoice_consent_date pwik_einvoice_withdrawn_date pwik_einvoice_email
        """
    ),
    "pwik.contract": _names(
        """
        number active partner_id customer_number date_start date_end state service_water service_sewage
        billing_cycle billing_method contract_point_ids point_ids supply_address
        tariff_group_water_id tariff_group_sewage_id
        """
    ),
    "pwik.contract.point": _names("contract_id service_point_id partner_id state date_from date_to"),
    # not `note` (how to get in) and not the route
    "pwik.service.point": _names("number active point_kind street zip city contract_point_ids contract_id"),
    "pwik.meter": _names(
        """
        serial active manufacturer model meter_kind q3 dn register_digits year state
        legalization_date legalization_valid_until legalization_state
        installation_ids installation_id service_point_id seal_ids
        """
    ),
    # not the values: what the meter showed at its installation may be the former owner's use
    "pwik.meter.installation": _names("meter_id service_point_id meter_kind date_from date_to"),
    "pwik.meter.seal": _names("meter_id number date removed_date"),
    # not `consumption`: it counts from the reading before, which may be the former owner's
    "pwik.reading": _names(
        "meter_id contract_id service_point_id street city moment date value source state superseded"
    ),
    "pwik.case": _names(
        """
        number name active type_id type_code stage_id state is_closed decision partner_id contract_id meter_id
        service_point_id description date_received date_deadline date_closed reading_value reading_date
        change_ids access_url channel priority ebok_answer
        """
    ),
    "pwik.case.change": _names("case_id field_name label old_value new_value ebok_decision ebok_reason"),
    "pwik.case.type": _names("name active code sequence portal_visible portal_create deadline_days"),
    "pwik.case.stage": _names("name active sequence state"),
    "pwik.tariff.group": _names("name active code service"),
    "pwik.settlement": _names(
        """
        contract_id period_from period_to kind version state move_id corrects_id correction_ids line_ids
        method net vat gross water_m3 sewage_m3 currency_id
        """
    ),
    "pwik.settlement.line": _names(
        """
        settlement_id sequence component subscription_kind service_point_id quantity price net
        date_from date_to days method how currency_id
        """
    ),
    # not `access_token`: who has it needs no login any more
    "account.move": _names(
        """
        name ref move_type state payment_state date invoice_date invoice_date_due currency_id company_currency_id
        amount_untaxed amount_tax amount_total amount_total_signed amount_residual amount_residual_signed
        payment_reference reversed_entry_id reversal_move_ids access_url
        pwik_contract_id pwik_period_from pwik_period_to pwik_settlement_id pwik_is_correction
        pwik_is_overdue l10n_pl_edi_number
        """
    ),
    # not the e-mail and its fate, not the run; the file is handed out by its page alone
    "pwik.interest.note": _names(
        "number partner_id state date date_due date_to kind amount residual payment_state sent_on currency_id"
    ),
    "pwik.dunning.notice": _names(
        "number partner_id state date date_due title text amount sent_on currency_id"
    ),
    # not `pdf`: it is handed out by its page alone
    "pwik.past.invoice": _names(
        """
        number document_kind contract_id date due_date period_from period_to net vat gross ksef_number pdf_name
        currency_id
        """
    ),
    # not the points: they are other customers' addresses
    "pwik.outage": _names("name kind state date_from date_to is_over reason advice area"),
}

"""Plays the demo on a database that holds the suite with its demo data: nine months of the utility, on fixed dates."""

import base64
import csv
import datetime
import os
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tools.demo import arrears, bank
from tools.demo.drive import drive
from tools.pwik_cli.inside.passwords import set_passwords

ROOT = pathlib.Path(__file__).resolve().parents[2]
RADIO_DEMO = ROOT / "addons" / "pwik_radio_reading" / "demo"
#: The tours: name of the campaign, start (UTC), day by which it is to be done, what is on the air.
TRIAL = (
    "Wrzesień 2026 (próbny objazd)",
    "2026-08-30 22:00:00",
    "2026-09-04",
    RADIO_DEMO / "tour_2026_09_01.jsonl",
)
TOUR = ("Październik 2026", "2026-09-30 13:06:18", "2026-10-05", RADIO_DEMO / "tour_2026_10_01.jsonl")

#: Quarters by hand-read meters, then the one of the radio tour: first day, last day, day of the invoices.
QUARTERS = (
    ("2026-01-01", "2026-03-31", "2026-04-07"),
    ("2026-04-01", "2026-06-30", "2026-07-06"),
)
RADIO_QUARTER = ("2026-07-01", "2026-09-30", "2026-10-06")


def play(env, bank_folder):
    """Play the demo. Runs once, in one transaction, as the superuser, before the database is served.

    :param bank_folder: where the statements go that whoever tries the demo may import
    """
    env = env(context=dict(env.context, lang="pl_PL", tz="Europe/Warsaw", tracking_disable=True))
    set_passwords(env)
    _hand_out_routes(env)
    _load_keys(env)
    debtor = env.ref("pwik_meters.contract_10")
    arrears.begin(env, debtor, _bill, _dun)
    for number, quarter in enumerate(QUARTERS):
        invoices = _bill(env, *quarter)
        _pay(env, invoices, skip_every=(0, 4)[number], never=debtor)
    _close_campaign(_drive_tour(env, *TRIAL), "2026-09-04 14:00:00")
    _drive_tour(env, *TOUR)
    _read_by_hand(env)
    last = _bill(env, *RADIO_QUARTER)
    _open_cases(env)
    _work_on_cases(env)
    _chase_debts(env, debtor)
    bank.write_statements(env, bank.set_up(env), last, bank_folder)
    _prepare_delivery(env)
    _find_broken_meter(env)


def _hand_out_routes(env):
    env["pwik.reading.route"].search([]).reader_id = env.ref("pwik_ebok.user_reader")


def _load_keys(env):
    """The keys of the overlays, which the collector never sees."""
    modules = {module.serial: module for module in env["pwik.radio.module"].search([])}
    with open(RADIO_DEMO / "keys.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            modules[row["serial"]].set_key(row["key"])


def _bill(env, period_from, period_to, invoice_date, contracts=()):
    """A billing run over all quarterly contracts, or over these; returns its invoices."""
    run = env["pwik.billing.run"].create(
        {
            "period_from": period_from,
            "period_to": period_to,
            "billing_cycle": "quarter",
            "invoice_date": invoice_date,
            "contract_ids": [contract.id for contract in contracts],
        }
    )
    run.action_preview()
    run.action_approve()
    run._process_all()
    return run.settlement_ids.move_id


def _prepare_delivery(env):
    """A certificate that signs in the demo alone, and the last quarter ready to be delivered by whoever presses the button."""
    now = datetime.datetime.now(datetime.UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PWiK demo")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    env.company.pwik_seal_certificate_id = env["certificate.certificate"].create(
        {
            "name": "Certyfikat demonstracyjny",
            "content": base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)),
            "private_key_id": env["certificate.key"]
            .create({"name": "Klucz demonstracyjny", "content": base64.b64encode(private)})
            .id,
        }
    )
    last = env["pwik.billing.run"].search([("state", "=", "done")], order="id desc", limit=1)
    last.action_deliver()


def _pay(env, moves, skip_every, never):
    """The customers pay by transfer before the due date; each `skip_every`-th does not (0: all pay), nor does one contract."""
    for number, move in enumerate(moves.filtered(lambda m: m.move_type == "out_invoice").sorted("id"), 1):
        if move.pwik_contract_id == never or (skip_every and number % skip_every == 2):
            continue
        _book_payment(env, move, move.amount_residual, move.invoice_date_due)


def _book_payment(env, move, amount, day):
    """A transfer of `amount` on `day`, matched with the invoice."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    receivable = move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
    bank = {"account_id": journal.default_account_id.id, "debit": amount, "name": move.name}
    claim = {
        "account_id": receivable.account_id.id,
        "partner_id": move.commercial_partner_id.id,
        "credit": amount,
        "name": move.name,
    }
    payment = env["account.move"].create(
        {
            "journal_id": journal.id,
            "date": day,
            "ref": move.name,
            "line_ids": [(0, 0, bank), (0, 0, claim)],
        }
    )
    payment.action_post()
    (
        receivable | payment.line_ids.filtered_domain([("account_id", "=", receivable.account_id.id)])
    ).reconcile()


def _drive_tour(env, name, start, due, recorded):
    """A campaign over all routes is begun; a simulated dongle and the collector drive its tour, and the scheduled action finds
    their dump in the drop folder. The campaign stays open, so that what was not heard is on the list."""
    campaign = env["pwik.radio.campaign"].create(
        {
            "name": name,
            "route_ids": env["pwik.reading.route"].search([], order="code").ids,
            "reader_id": env.ref("pwik_ebok.user_reader").id,
            "date_start": start,
            "date_due": due,
        }
    )
    campaign.action_start()
    folder = pathlib.Path(os.environ["PWIK_DROP_DIR"])
    part = folder / f".{recorded.name}.part"
    part.write_bytes(drive(campaign._get_tour(), recorded))
    part.rename(folder / recorded.name)
    parameters, key = env["ir.config_parameter"], "pwik_radio_reading.drop_min_age"
    patience = parameters.get_param(key)
    parameters.set_param(key, "0")  # the file was renamed into its place: it is whole
    env["pwik.radio.dump"]._cron_drop_folder()
    env["pwik.radio.dump"]._cron_process()
    parameters.set_param(key, patience)
    return campaign


def _close_campaign(campaign, moment):
    """What the button does, on a day of the demo's calendar, not today: what is heard later belongs to the next campaign."""
    campaign.write({"state": "done", "date_end": moment})


def _read_by_hand(env):
    """The reader goes to the meters whose overlays were not heard, so that their quarter is billed by what they show."""
    with open(RADIO_DEMO / "by_hand_2026_09_30.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = {
                "meter_id": env.ref(row["meter"]).id,
                "moment": row["moment"],
                "value": float(row["value"]),
            }
            env["pwik.reading"].create({**values, "source": "manual"}).action_validate()


def _open_cases(env):
    """What customers ask for: a reading, a remark, a new telephone number."""
    customer, login = env.ref("pwik_meters.customer_01"), env.ref("pwik_ebok.user_customer")
    cases = env["pwik.case"]
    contract = env.ref("pwik_meters.contract_01")
    cases._create_from_portal(
        "remark",
        {
            "name": "Niskie ciśnienie wieczorem",
            "description": "Od tygodnia między godziną 19 a 21 woda leci słabym strumieniem na piętrze. Proszę o sprawdzenie.",
        },
        login.partner_id,
        customer,
        contract,
    )
    cases._create_from_portal(
        "data_change",
        {"changes": {"phone": "+48 600 100 777"}, "description": "Zmieniłam numer telefonu."},
        login.partner_id,
        customer,
    )
    neighbour, neighbour_login = env.ref("pwik_meters.customer_02"), env.ref("pwik_ebok.user_neighbour")
    cases._create_from_portal(
        "complaint",
        {
            "name": "Rachunek za drugi kwartał",
            "description": "Proszę o wyjaśnienie podziału zużycia na dwie ceny.",
        },
        neighbour_login.partner_id,
        neighbour,
        env.ref("pwik_meters.contract_02"),
    )


def _work_on_cases(env):
    """Cases of other customers in the office's hands: two answered, one under work, one that is past its deadline."""
    office, manager = env.ref("pwik_ebok.user_office"), env.ref("pwik_ebok.user_manager")
    today = env["pwik.case"]._today()
    for number, kind, days_ago, who, subject, text, answer in (
        (
            *(6, "failure", 1, office, "Brak wody", "Od rana nie ma wody."),
            "Zasuwa została otwarta, woda płynie.",
        ),
        (
            *(9, "contract", 6, manager, "Przepisanie umowy", "Kupiliśmy dom, proszę o wzór umowy."),
            "Wzór umowy wysłaliśmy pocztą; można ją też podpisać w biurze.",
        ),
        (12, "remark", 4, office, "Pokrywa studni", "Pokrywa studni wodomierzowej stuka.", None),
        (
            15,
            "instalments",
            34,
            manager,
            "Prośba o raty",
            "Proszę o rozłożenie zaległości na trzy raty.",
            None,
        ),
    ):
        contract = env.ref(f"pwik_meters.contract_{number:02}")
        case = env["pwik.case"]._create_from_portal(
            kind, {"name": subject, "description": text}, contract.partner_id, contract.partner_id, contract
        )
        case.date_received = today - datetime.timedelta(days_ago)
        case.with_user(who).action_take()
        if answer:
            case.resolution = answer
            case.action_done()


def _chase_debts(env, debtor):
    """Who did not pay the second quarter is reminded, then asked in a letter, and charged interest; one agrees on instalments.

    The run of November waits for somebody's approval; the e-mails of the demo stay where they are.
    """
    company = env.company
    company.pwik_interest_minimum = 2
    communities = env["res.partner"].search([("name", "=like", "Wspólnota%")])
    communities.pwik_interest_kind = "delay"  # no trade: the statutory interest holds
    debts = env["account.move"].search(
        [
            ("pwik_settlement_id", "!=", False),
            ("move_type", "=", "out_invoice"),
            ("payment_state", "=", "not_paid"),
            ("invoice_date", "=", QUARTERS[1][2]),
            ("pwik_contract_id", "!=", debtor.id),
        ],
        order="id",
    )
    _dun(env, "reminder", "2026-08-03")
    if len(debts) > 1:
        _book_payment(env, debts[0], round(debts[0].amount_residual / 2, 2), "2026-08-12")
        _book_payment(env, debts[1], debts[1].amount_residual, "2026-08-31")
    demands = _dun(env, "reminder", "2026-08-24")
    demands[:-1].delivered_on = "2026-08-28"
    _dun(env, "interest", "2026-09-30")
    env["mail.mail"].search([("model", "in", ("pwik.dunning.notice", "pwik.interest.note"))]).state = "cancel"
    if len(debts) > 2:
        env["pwik.dunning.stop"].create(
            {
                "partner_id": debts[-1].commercial_partner_id.id,
                "kind": "instalments",
                "date_from": "2026-11-02",
                "date_to": "2027-01-31",
                "note": "Ugoda z 2.11.2026: trzy raty, ostatnia 31 stycznia 2027 r.",
            }
        )
    others = demands.filtered(lambda demand: demand.delivered_on and demand.partner_id != debtor.partner_id)
    demanded = others.line_ids.move_line_id.move_id
    if demanded:
        env["pwik.cutoff.order"].create(
            {
                "contract_id": demanded[:1].pwik_contract_id.id,
                "substitute_point_id": env.ref("pwik_billing.demo_substitute_point").id,
            }
        )
    arrears.end(env, debtor)
    _make_dunning_run(env, "reminder", "2026-11-20")


def _make_dunning_run(env, kind, day):
    run = env["pwik.dunning.run"].create({"kind": kind, "date": day, "issue_date": day})
    run.action_preview()
    run._process_all()
    return run


def _dun(env, kind, day):
    """A run that is approved and sent; returns what it made."""
    run = _make_dunning_run(env, kind, day)
    if run.pending_count:
        run.action_approve()
        run._process_all()
        run.action_send()
        run._process_all()
    documents = run.item_ids._get_document().sorted("id")
    documents.sent_on = day
    return documents


def _find_broken_meter(env):
    """A reader reports a meter that stands still; whether the average is billed in its stead is for the office to decide."""
    point = env.ref("pwik_meters.contract_03").point_ids[:1]
    installation = env["pwik.meter.installation"].search(
        [("service_point_id", "=", point.id), ("meter_kind", "=", "main"), ("date_to", "=", False)], limit=1
    )
    env["pwik.broken.meter"].create(
        {
            "installation_id": installation.id,
            "found_on": "2026-10-20",
            "note": "Inkasent: liczydło stoi, choć woda płynie.",
        }
    )

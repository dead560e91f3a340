"""What tests of the queue to KSeF share."""

from unittest.mock import patch

from .common import QUARTER, EinvoiceCommon
from .delivery_case import Killed
from .ksef_double import KsefDouble


class KsefCase(EinvoiceCommon):
    """Two firms with an invoice each, and KSeF as a double on a real socket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificate = cls.make_certificate()
        cls.company.sudo().write(
            {
                "pwik_ksef_from": "2024-01-01",
                "l10n_pl_edi_certificate": certificate.id,
                "l10n_pl_edi_access_token": "access",
                "l10n_pl_edi_refresh_token": "refresh",
                "l10n_pl_edi_session_id": False,
                "pwik_ksef_offline_certificate_id": certificate.id,
            }
        )
        cls.firms = cls.env["pwik.contract"]
        for number, nip in enumerate(("1111111111", "5252248481")):
            firm = cls.household([("2024-06-30", 100), ("2024-09-30", 110 + number)], name=f"Firma {number}")
            firm.partner_id.write({"vat": f"PL{nip}", "is_company": True})
            cls.firms |= firm
        cls.moves = cls.bill(cls.firms, *QUARTER).settlement_ids.move_id.sorted("id")

    def setUp(self):
        super().setUp()
        self.ksef = KsefDouble()
        self.addCleanup(self.ksef.close)
        self.env["ir.config_parameter"].sudo().set_param("pwik_einvoice.ksef_api_url", self.ksef.url)
        self.env["pwik.delivery"].create(self.env["pwik.delivery"]._prepare_deliveries(self.moves))
        self.rows = self.moves.pwik_delivery_ids.sorted("id")

    def run_cron(self, times=1):
        for _time in range(times):
            self.rows.filtered(lambda row: row.state != "done").next_try = False  # the pauses are over
            with self.enter_registry_test_mode():
                self.env.ref("pwik_einvoice.ir_cron_ksef").method_direct_trigger()
            self.env.invalidate_all()

    def run_killed(self, owner, method, call):
        original, calls = getattr(owner, method), []

        def die(record, *args, **kwargs):
            result = original(record, *args, **kwargs)
            calls.append(1)
            if len(calls) == call:
                raise Killed
            return result

        # not assertRaises: Odoo's undoes in a savepoint what was committed before the kill
        with patch.object(owner, method, die):
            try:
                self.run_cron()
            except Killed:
                self.env.invalidate_all()
                return
        self.fail("the job was not killed")

    def assert_all_there_once(self):
        self.assertEqual(set(self.rows.mapped("state")), {"done"}, self.rows.mapped("reason"))
        self.assertEqual(self.ksef.numbers(), sorted(self.moves.mapped("name")))
        for move in self.moves:
            self.assertEqual(move.l10n_pl_edi_status, "accepted")
            self.assertIn(move.l10n_pl_edi_number.encode(), move.l10n_pl_edi_upo_id.raw)

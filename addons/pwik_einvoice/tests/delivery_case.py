"""What tests of delivery share."""

from .common import QUARTER, EinvoiceCommon


class Killed(BaseException):
    """Stands for kill -9: no handler of ours may catch it."""


class DeliveryCase(EinvoiceCommon):
    """Four households with an invoice each; two of them agreed to electronic ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.pwik_seal_certificate_id = cls.make_certificate()
        cls.company.email = "ebok@example.com"
        # Streets in an order other than that in which the contracts were made.
        cls.homes = cls.home
        for number, place in enumerate((30, 20, 10)):
            home = cls.household(
                [("2024-06-30", 100), ("2024-09-30", 110 + number)], name=f"Odbiorca {place}"
            )
            home.point_ids.route_sequence = place
            cls.homes |= home
        cls.readers = cls.homes[:2]
        cls.env["pwik.einvoice.consent"].create(
            [
                {"partner_id": home.partner_id.id, "date": "2024-01-01", "email": f"k{home.id}@example.com"}
                for home in cls.readers
            ]
        )
        cls.billing = cls.bill(cls.homes, *QUARTER)
        cls.moves = cls.billing.settlement_ids.move_id

    def plan(self):
        action = self.billing.action_deliver()
        return self.env["pwik.delivery.run"].browse(action["res_id"])

    def start(self):
        run = self.plan()
        run.action_start()
        return run

    def mails(self):
        return self.env["mail.mail"].search([("model", "=", "pwik.delivery")])

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("pwik_einvoice.ir_cron_delivery_1").method_direct_trigger()
        self.env.invalidate_all()

"""What the browser does when somebody pays in eBOK, without a browser."""

import json


class Paying:
    """For an ``HttpCase``: ``demo`` is Odoo's pretended provider, ``transfer`` the promise of a transfer."""

    @classmethod
    def set_up_providers(cls):
        cls.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        providers = cls.env["payment.provider"].search([("company_id", "=", cls.company.id)])
        providers.filtered(lambda one: one.code not in ("demo", "custom")).state = "disabled"
        cls.demo = providers.filtered(lambda one: one.code == "demo")[:1]
        cls.demo.write({"state": "test", "is_published": True})
        cls.transfer = providers.filtered(lambda one: one.code == "custom")[:1]
        cls.transfer.write({"state": "enabled", "is_published": True})
        cls.transfer.payment_method_ids.active = True

    def rpc(self, url, **params):
        """The answer's result; a refusal is returned as its exception's name."""
        answer = self.url_open(
            url, data=json.dumps({"params": params}), headers={"Content-Type": "application/json"}
        )
        if not answer.headers["Content-Type"].startswith("application/json"):
            return answer.status_code
        body = answer.json()
        return body["error"]["data"]["name"] if "error" in body else body.get("result")

    def begin(self, what, amount, provider=None, customer=None, flow="direct"):
        provider = provider or self.demo
        return self.rpc(
            f"/my/pay/transaction/{(customer or self.customer).id}/{what}",
            provider_id=provider.id,
            payment_method_id=provider.payment_method_ids[:1].id,
            token_id=None,
            amount=amount,
            flow=flow,
            tokenization_requested=True,
            landing_route="//evil.example",
            is_validation=False,
            access_token=None,
            csrf_token="x",
        )

    def finish(self, values, state="done"):
        """What the browser does after the provider's answer: it waits on the page of the status, which settles."""
        self.rpc("/payment/demo/simulate_payment", reference=values["reference"], simulated_state=state)
        return self.rpc("/payment/status/poll")["landing_route"]

    def pay(self, what, amount, **kwargs):
        """:return: the page of the receipt"""
        values = self.begin(what, amount, **kwargs)
        self.assertIsInstance(values, dict, values)
        return self.url_open(self.finish(values)).text

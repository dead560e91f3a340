"""Simulation of a bill, and the state of a case for who is not signed in."""

import re
from decimal import Decimal

from odoo.http import request, route

from .main import EbokPortal

MOST_M3 = Decimal(100_000)


class EbokSimulation(EbokPortal):
    @route("/my/simulation", type="http", auth="user", methods=["GET"], website=True, readonly=True)
    def simulation(self, contract=None, way=None, amount=None, **kw):
        """A question that changes nothing, hence a GET: the address can be kept and shown to somebody."""
        contracts = request.env["pwik.contract"].search([("state", "=", "active")], order="number")
        chosen = contracts.filtered(lambda one: str(one.id) == str(contract)) or contracts[:1]
        base = chosen._get_ebok_base_reading() if chosen else None
        form = {"way": way if way in ("m3", "meter") else "m3", "amount": (amount or "").strip()}
        m3, errors = self._get_simulated_use(form, chosen, base) if amount is not None else (None, {})
        return self._ebok_render(
            "pwik_ebok.portal_simulation",
            "ebok_simulation",
            {
                "contracts": contracts,
                "contract": chosen,
                "base": base,
                "form": form,
                "errors": errors,
                "m3": None if m3 is None else float(m3),
                "bill": chosen._get_ebok_simulation(m3) if chosen and m3 is not None else None,
                "currency": request.env.company.currency_id,
            },
            status=422 if errors else 200,
        )

    def _get_simulated_use(self, form, contract, base):
        """``(m³, errors)`` of what was typed: a use, or a value of the meter."""
        if not contract:
            return None, {}
        text = form["amount"].replace(",", ".").replace(" ", "")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text):
            return None, {"amount": request.env._("Enter a number of cubic metres, for instance 12.")}
        number = Decimal(text)
        if form["way"] == "meter":
            if not base:
                return None, {
                    "amount": request.env._("There is no reading to count from. Enter the use in m³.")
                }
            number = contract._get_used_since(number, base)
            if number is None:
                return None, {
                    "amount": request.env._(
                        "The meter showed %s m³ before and does not run backwards. Check the value.",
                        f"{base.value:.0f}",
                    )
                }
        if number > MOST_M3:
            return None, {
                "amount": request.env._("So much water cannot be used in one period. Check the number.")
            }
        return number, {}

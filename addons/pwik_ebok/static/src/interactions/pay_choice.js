import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * Who ticks or clears an invoice means to pay by invoice: the choice above the list follows. Without this script one chooses by hand.
 */
export class PayChoice extends Interaction {
    static selector = ".o_ebok_pay";
    dynamicContent = {
        "input[name=invoice]": { "t-on-change": this.payByInvoice },
    };

    payByInvoice() {
        this.el.querySelector("#pay_invoices").checked = true;
    }
}

registry.category("public.interactions").add("pwik_ebok.pay_choice", PayChoice);

/** @odoo-module */
import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

// What was written stands as it was written: the server refuses changes, so none are offered.
patch(Message.prototype, {
    get editable() {
        return false;
    },
});

import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { _t } from "@web/core/l10n/translation";

/** Start page of the waterworks: what waits, and one box that finds everything. */
export class PwikDashboard extends Component {
    static template = "pwik_meters.Dashboard";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ groups: [], text: "", found: [], searched: "" });
        this.search = useDebounced(() => this.find(), 250);
        onWillStart(async () => {
            this.state.groups = await this.orm.call("pwik.dashboard", "get_data", []);
        });
    }

    get nothingFound() {
        return this.state.searched.length > 1 && !this.state.found.length;
    }

    get placeholder() {
        return _t("Number, serial, address, customer number…");
    }

    async find() {
        const text = this.state.text;
        const found = await this.orm.call("pwik.dashboard", "find", [text]);
        // An answer to what was typed before must not replace a newer one.
        if (text === this.state.text) {
            this.state.found = found;
            this.state.searched = text.trim();
        }
    }

    async openTile(tile) {
        const action = await this.action.loadAction(tile.action);
        return this.action.doAction({ ...action, name: tile.label, domain: tile.domain, context: {} });
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("pwik_dashboard", PwikDashboard);

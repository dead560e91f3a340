import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component, onMounted, onWillUnmount, xml } from "@odoo/owl";

const PAUSE = 3000; // ms; each look is a query or two of the server

/**
 * Keeps a form up to date while work goes on in the background: <widget name="pwik_live" invisible="…the work is done…"/>
 *
 * What somebody is entering is left alone, and a tab that nobody looks at asks for nothing.
 */
export class Live extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        onMounted(() => {
            this.timer = setTimeout(() => this.look(), PAUSE);
        });
        onWillUnmount(() => {
            clearTimeout(this.timer);
            this.gone = true;
        });
    }

    async look() {
        const { record } = this.props;
        try {
            if (!document.hidden && record.resId && !(await record.isDirty())) {
                await record.load();
            }
        } catch (error) {
            // the server may come back; anything else is told once, and that was the last look
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
        if (!this.gone) {
            this.timer = setTimeout(() => this.look(), PAUSE);
        }
    }
}

registry.category("view_widgets").add("pwik_live", { component: Live });

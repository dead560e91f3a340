import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

// From strong to very weak, then what was not heard: as everybody knows them from a telephone.
const COLOURS = { strong: "#1e7e34", good: "#7cc36a", weak: "#f0ad4e", poor: "#c9302c" };
const NOT_HEARD = "#adb5bd";

/** The grades in the order of their field, with their colours; none where the chart is split by something else. */
function grades(metaData) {
    const second = metaData.groupBy[1];
    return second && second.fieldName === "signal" ? metaData.fields.signal.selection : [];
}

export class SignalGraphModel extends GraphModel {
    /** Odoo takes the series as they come, by their codes in the alphabet: good, poor, strong, weak. */
    _getData(...args) {
        const data = super._getData(...args);
        const labels = grades(this.metaData).map(([, label]) => label);
        if (labels.length && this.metaData.mode !== "pie") {
            const rank = ({ label }) => (labels.includes(label) ? labels.indexOf(label) : labels.length);
            data.datasets.sort((one, other) => rank(one) - rank(other));
        }
        return data;
    }
}

export class SignalGraphRenderer extends GraphRenderer {
    getBarChartData() {
        const data = super.getBarChartData();
        const selection = grades(this.model.metaData);
        if (selection.length) {
            for (const dataset of this.model.data.datasets) {
                const grade = selection.find(([, label]) => label === dataset.label);
                dataset.backgroundColor = grade ? COLOURS[grade[0]] : NOT_HEARD;
            }
        }
        return data;
    }
}

registry.category("views").add("pwik_signal_graph", {
    ...graphView,
    Model: SignalGraphModel,
    Renderer: SignalGraphRenderer,
});

/* global Chart */

import { loadJS } from "@web/core/assets";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const BEFORE = "#8a99a6";
const TEXT = "#1d2b36";
const LEAK = "#b3261e";

/**
 * Draws the use by month beside that of a year before. The table below the chart says the same: where this script does not
 * run, nothing is missing but the picture.
 */
export class UseChart extends Interaction {
    static selector = ".o_ebok_use canvas[data-chart]";

    async willStart() {
        // Odoo's copy of Chart.js alone: its bundle brings an adapter for times that wants a library which a portal has not.
        await loadJS("/web/static/lib/Chart/Chart.js");
    }

    start() {
        const data = JSON.parse(this.el.dataset.chart);
        const colour = getComputedStyle(this.el).getPropertyValue("--ebok-color").trim() || "#00538c";
        const fonts = { size: 13 };
        const chart = new Chart(this.el, {
            data: {
                labels: data.labels,
                datasets: [
                    this.bars(data.texts.before, data.before, data.estimatedBefore, BEFORE),
                    this.bars(data.texts.use, data.use, data.estimated, colour),
                    ...this.marks(data),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    x: { grid: { display: false }, ticks: { color: TEXT, font: fonts } },
                    y: { beginAtZero: true, grace: "12%", ticks: { color: TEXT, font: fonts } },
                },
                plugins: {
                    legend: { position: "bottom", labels: { color: TEXT, font: fonts, usePointStyle: true } },
                    tooltip: {
                        callbacks: {
                            label: (item) => this.describe(item, data),
                        },
                    },
                },
            },
        });
        this.registerCleanup(() => chart.destroy());
        // On paper the table speaks instead of the picture.
        this.addListener(window, "beforeprint", () => {
            this.el.closest(".o_ebok_use").querySelector("details").open = true;
        });
    }

    bars(label, values, estimated, colour) {
        return {
            type: "bar",
            label,
            data: values,
            backgroundColor: values.map((_, index) => (estimated[index] ? this.hatched(colour) : colour)),
            borderColor: colour,
            borderWidth: 1,
            pointStyle: "rect",
            order: 2,
        };
    }

    /** Marks stand above the month's bars, each with a shape of its own, so that colour alone never tells. */
    marks(data) {
        const heights = data.use.map((value, index) => Math.max(value || 0, data.before[index] || 0));
        const above = Math.max(...heights, 0.1) * 0.06;
        return [
            ["leak", "triangle", LEAK],
            ["exchange", "rectRot", TEXT],
        ]
            .filter(([name]) => data[name].includes(true))
            .map(([name, pointStyle, colour]) => ({
                type: "line",
                label: data.texts[name],
                data: data[name].map((there, index) => (there ? heights[index] + above : null)),
                showLine: false,
                pointStyle,
                pointRadius: 7,
                pointHoverRadius: 8,
                backgroundColor: colour,
                borderColor: colour,
                order: 1,
            }));
    }

    describe(item, data) {
        if (item.datasetIndex > 1) {
            return item.dataset.label;
        }
        const estimated = item.datasetIndex ? data.estimated : data.estimatedBefore;
        const value = item.parsed.y.toLocaleString(document.documentElement.lang || "pl-PL", {
            maximumFractionDigits: 1,
        });
        return `${item.dataset.label}: ${value} m³${
            estimated[item.dataIndex] ? ` (${data.texts.estimated})` : ""
        }`;
    }

    hatched(colour) {
        const tile = document.createElement("canvas");
        tile.width = tile.height = 8;
        const pen = tile.getContext("2d");
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, 8, 8);
        pen.strokeStyle = colour;
        pen.lineWidth = 2;
        pen.beginPath();
        for (const shift of [-8, 0, 8]) {
            pen.moveTo(shift, 8);
            pen.lineTo(shift + 8, 0);
        }
        pen.stroke();
        return pen.createPattern(tile, "repeat");
    }
}

registry.category("public.interactions").add("pwik_ebok.use_chart", UseChart);

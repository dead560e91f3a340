import { registry } from "@web/core/registry";
import { download } from "@web/core/network/download";
import { user } from "@web/core/user";
import { getReportUrl } from "@web/webclient/actions/reports/utils";

/**
 * Downloads documents of our own print engine without asking whether wkhtmltopdf is installed:
 * the web client would otherwise show them as HTML where it is not.
 */
async function ownReportHandler(action, options, env) {
    if (action.report_type !== "qweb-pdf" || !action.pwik_template) {
        return false;
    }
    env.services.ui.block();
    try {
        await download({
            url: "/report/download",
            data: {
                data: JSON.stringify([getReportUrl(action, "pdf", user.context), action.report_type]),
                context: JSON.stringify({ ...user.context, ...(action.context || {}) }),
            },
        });
    } finally {
        env.services.ui.unblock();
    }
    return true;
}

registry.category("ir.actions.report handlers").add("pwik_template", ownReportHandler);

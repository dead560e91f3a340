import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * Files that the server would refuse by their length alone are told before anything is sent: its refusal would lose the form.
 * The text stands in the page already, hidden (`pwik_ebok.too_large_summary`). Without this script the server says it.
 */
export class UploadSize extends Interaction {
    static selector = "form.o_ebok_upload";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
    };

    onSubmit(ev) {
        const inputs = [...this.el.querySelectorAll("input[type=file]")];
        const bytes = inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
        const tooLarge = bytes > Number(this.el.dataset.mb) * 1024 * 1024;
        const summary = this.el.parentElement.querySelector(".o_ebok_too_large");
        summary.classList.toggle("d-none", !tooLarge);
        for (const input of inputs) {
            input.classList.toggle("is-invalid", tooLarge);
            input.setAttribute("aria-invalid", String(tooLarge));
        }
        if (tooLarge) {
            ev.preventDefault();
            document.querySelector("#error_summary")?.remove();
            summary.focus();
        }
    }
}

registry.category("public.interactions").add("pwik_ebok.upload_size", UploadSize);

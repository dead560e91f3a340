from odoo import models

from .ir_http import csp_nonce


class IrQweb(models.AbstractModel):
    """A script that stands in a template bears its page's nonce; one that came in with a value does not, and does not run."""

    _inherit = "ir.qweb"

    def _compile_node(self, el, compile_context, level):
        if el.tag == "script" and not {"src", "type"} & set(el.attrib):
            el.set("type", "text/javascript")  # an element without any attribute is never asked for one
        return super()._compile_node(el, compile_context, level)

    def _is_static_node(self, el, compile_context):
        inline = el.tag == "script" and "src" not in el.attrib
        # A static element is compiled once; the nonce is another one on each page.
        return not inline and super()._is_static_node(el, compile_context)

    def _post_processing_att(self, tagName, atts):
        static = atts.get("__is_static_node")
        atts = super()._post_processing_att(tagName, atts)
        if tagName != "script" or static:
            return atts
        if not atts.get("src") and (nonce := csp_nonce()):
            atts["nonce"] = nonce
        # Odoo notes here for its developers that a bundle did not load; the policy lets no attribute run.
        atts.pop("onerror", None)
        return atts

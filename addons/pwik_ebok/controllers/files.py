"""Files that customers send with a message, and files of theirs that anybody fetches."""

import io

from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.pwik_cases.domain.errors import FileRefused, Problem
from odoo.addons.pwik_cases.domain.files import MAX_BYTES, check_file
from odoo.addons.web.controllers.binary import Binary
from odoo.http import request, route
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, NotFound

from .main import to_id

#: What a form adds to the file itself.
_FORM_BYTES = 64 * 1024


def _get_upload_limit(_controller):
    """What a customer's request may hold, refused by its length alone; staff have Odoo's own limit."""
    user = request.env.user
    return MAX_BYTES + _FORM_BYTES if not user or user.share else request.httprequest.max_content_length


class EbokAttachments(AttachmentController):
    @route(max_content_length=_get_upload_limit)
    def mail_attachment_upload(
        self, ufile=None, thread_id=None, thread_model=None, is_pending=False, **kwargs
    ):
        """The paperclip of a conversation: of a customer only the kinds on the list, judged by content, under a clean name."""
        if not isinstance(ufile, FileStorage) or not thread_id or not thread_model:
            raise BadRequest()
        if request.env.user.share and self._get_thread_with_access_for_post(
            thread_model, thread_id, **kwargs
        ):
            if not request.env["pwik.ebok.attempt"]._take_of_day("upload_login", request.env.uid):
                message = request.env._("Enough files were sent for today. Send the others tomorrow.")
                return request.make_json_response({"error": message})
            try:
                safe = check_file(ufile.filename, ufile.read())
            except FileRefused as error:
                problem = Problem("files", error.code, error.params)
                return request.make_json_response(
                    {"error": request.env["pwik.case"]._get_problem_message(problem)}
                )
            ufile = FileStorage(io.BytesIO(safe.data), filename=safe.name, content_type=safe.mimetype)
        return super().mail_attachment_upload(ufile, thread_id, thread_model, is_pending=is_pending, **kwargs)

    @route()
    def mail_attachment_delete(self, attachment_id, access_token=None):
        """What was sent is evidence, as the text is (`thread.py`): a customer takes away what he has not sent yet."""
        if not request.env.user._is_internal():
            # Only where it hangs is asked; whether the user may have it is for Odoo to say.
            file = request.env["ir.attachment"].sudo().browse(to_id(str(attachment_id))).exists()
            if file.res_model != "mail.compose.message" or file.res_id:
                raise NotFound()
        return super().mail_attachment_delete(attachment_id, access_token=access_token)


class EbokBinary(Binary):
    """What somebody from outside sent is saved by the browser, never shown in its own window; a picture within a page is."""

    @route()
    def content_common(self, *args, **kwargs):
        return super().content_common(*args, **self._ebok_force_download(kwargs))

    @route()
    def content_image(self, *args, **kwargs):
        return super().content_image(*args, **self._ebok_force_download(kwargs))

    def _ebok_force_download(self, kwargs):
        number = str(kwargs.get("id") or "")
        if kwargs.get("model", "ir.attachment") == "ir.attachment" and number.isdigit():
            # Only who made it is asked; whether the user may have it is for Odoo to say.
            made_by = request.env["ir.attachment"].sudo().browse(int(number)).exists().create_uid
            if made_by.share:
                return {**kwargs, "download": True}
        return kwargs

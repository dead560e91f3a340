"""What Odoo's own tests take for granted of the database that they run on."""


def prepare(env):
    """Everybody speaks English, the administrator's password is his login, and the pages' scripts and styles are there.

    Else the first test that opens the office's client has them made, inside its own transaction, of which Odoo waits 20 seconds
    at most: on a busy machine the client's other requests meanwhile are answered by an error page, and each test begins anew.
    """
    env["res.lang"]._activate_lang("en_US")
    env["res.partner"].with_context(active_test=False).search([]).lang = "en_US"
    env["ir.default"].set("res.partner", "lang", "en_US")
    administrator = env.ref("base.user_admin")
    # Past the rules for passwords, which this one is too short for.
    administrator._set_encrypted_password(
        administrator.id, administrator._crypt_context().hash(administrator.login)
    )
    env["ir.qweb"]._pregenerate_assets_bundles()

{
    "name": "PWiK: e-invoice",
    "summary": "Consent and delivery of invoices, signed XML, code for the transfer",
    "version": "19.0.1.0.0",
    "category": "Services/Water utility",
    "author": "PWiK eBOK team",
    "website": "https://github.com/pwik-ebok/pwik-ebok",
    "license": "LGPL-3",
    "depends": ["pwik_billing", "l10n_pl_edi", "certificate"],
    "external_dependencies": {"python": ["xmlsig", "segno", "mt-940"]},
    "data": [
        "security/ir.model.access.csv",
        "security/pwik_einvoice_security.xml",
        "views/pwik_einvoice_consent_views.xml",
        "views/res_partner_views.xml",
        "views/account_move_views.xml",
        "views/res_config_settings_views.xml",
        "report/invoice_document.xml",
    ],
    "demo": [
        "demo/pwik_einvoice_demo.xml",
    ],
}

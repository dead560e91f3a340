{
    "name": "PWiK: notices by SMS",
    "summary": "Tells customers who asked for it by SMS, through Odoo's own gateway; optional",
    "version": "19.0.1.0.0",
    "category": "Services/Water utility",
    "author": "PWiK eBOK team",
    "website": "https://github.com/pwik-ebok/pwik-ebok",
    "license": "LGPL-3",
    "depends": ["pwik_ebok", "sms"],
    "data": [
        "data/sms_template_data.xml",
        "views/pwik_notice_views.xml",
        "views/portal_notice_templates.xml",
        "views/res_config_settings_views.xml",
    ],
}

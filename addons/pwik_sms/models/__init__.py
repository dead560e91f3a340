from . import (
    pwik_notice,
    pwik_notice_kind,
    res_company,
    res_config_settings,
    res_partner,
    sms_sms,
)

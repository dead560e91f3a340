from . import pwik_einvoice_consent
from . import res_partner
from . import res_company
from . import res_config_settings
from . import account_move

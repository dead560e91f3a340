from . import test_consent
from . import test_delivery
from . import test_fa3
from . import test_file_check
from . import test_signed_xml
from . import test_transfer_code
from . import test_translations
from . import test_bank_import

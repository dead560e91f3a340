from . import test_closed_forms
from . import test_links
from . import test_pages
from . import test_routes
from . import test_rpc
from . import test_submissions
from . import test_translations
from . import test_visibility

from . import main
from . import home
from . import customer
from . import invoices
from . import contracts
from . import cases
from . import closed

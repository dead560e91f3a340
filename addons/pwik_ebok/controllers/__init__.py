from . import (
    cases,
    closed,
    consumption,
    contracts,
    customer,
    einvoice,
    file_check,
    home,
    invoices,
    main,
    past_invoices,
)
from . import claims

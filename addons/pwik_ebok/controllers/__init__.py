from . import (
    access,
    case_lookup,
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
    outages,
    past_invoices,
    pay,
    register,
    simulation,
)
from . import access, cases, closed, contracts, customer, files, home, invoices, main, past_invoices, register
    past_invoices,
)
from . import claims

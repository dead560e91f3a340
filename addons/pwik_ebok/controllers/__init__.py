from . import (
    cases,
    closed,
    consumption,
    contracts,
    customer,
    einvoice,
    home,
    invoices,
    main,
    outages,
    past_invoices,
    simulation,
)

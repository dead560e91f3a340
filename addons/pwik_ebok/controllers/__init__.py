from . import cases, closed, contracts, customer, home, invoices, main

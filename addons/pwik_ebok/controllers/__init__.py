from . import access, cases, closed, contracts, customer, files, home, invoices, main, past_invoices, register

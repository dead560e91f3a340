from . import access, cases, closed, contracts, customer, home, invoices, main, past_invoices, register

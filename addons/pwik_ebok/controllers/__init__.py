from . import cases, closed, contracts, customer, file_check, home, invoices, main, past_invoices

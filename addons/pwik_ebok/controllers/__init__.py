from . import cases, closed, consumption, contracts, customer, einvoice, home, invoices, main, past_invoices

from . import cases, closed, consumption, contracts, customer, einvoice, home, invoices, main, past_invoices
from . import cases, closed, contracts, customer, file_check, home, invoices, main, past_invoices

from . import cases, closed, contracts, customer, home, invoices, main, past_invoices
from . import pay

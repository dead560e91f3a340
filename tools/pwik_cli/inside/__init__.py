"""What runs inside the virtual environment: the only part that may import psycopg2 or Odoo."""

"""Customers' sessions end where they did not before, as in a database that is installed now."""


def migrate(cr, version):
    cr.execute(
        """
        INSERT INTO ir_config_parameter (key, value)
        VALUES ('pwik_ebok.session_idle_minutes', '60'), ('pwik_ebok.session_hours', '12')
            ON CONFLICT DO NOTHING
        """
    )

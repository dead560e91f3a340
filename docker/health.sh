#!/bin/sh
# Health of an Odoo host, asked by Docker. A prefork Odoo does not find back to a PostgreSQL that was away, and Docker restarts
# only what ends: after some failures in a row, end the main process in order; the restart policy does the rest.
failures=/tmp/pwik-health-failures
if curl --fail --silent --max-time 10 "http://127.0.0.1:8069/web/health?db_server_status=1" >/dev/null; then
    rm -f "$failures"
    exit 0
fi
echo x >>"$failures"
if [ "$(wc -l <"$failures")" -ge "${PWIK_HEALTH_FAILURES:-6}" ]; then
    rm -f "$failures"
    kill -TERM 1
fi
exit 1

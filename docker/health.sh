#!/bin/sh
# Health of an Odoo host, asked by Docker. A prefork Odoo does not find back to a PostgreSQL that was away, and Docker restarts
# only what ends: after some failures in a row, end the main process in order; the restart policy does the rest.
# While Odoo starts (seconds since process 1 began) nothing is counted: Docker may ask every five seconds then.
started=$(sed 's/.*) //' /proc/1/stat | cut -d' ' -f20) # hundredths of a second since the machine's start
age=$(($(cut -d. -f1 /proc/uptime) - started / 100))
failures=/tmp/pwik-health-failures-$started # another start counts anew
if curl --fail --silent --max-time 10 "http://127.0.0.1:8069/web/health?db_server_status=1" >/dev/null; then
    rm -f "$failures"
    exit 0
fi
[ "$age" -ge "${PWIK_HEALTH_START:-120}" ] || exit 1
echo x >>"$failures"
if [ "$(wc -l <"$failures")" -ge "${PWIK_HEALTH_FAILURES:-6}" ]; then
    rm -f "$failures"
    kill -TERM 1
fi
exit 1

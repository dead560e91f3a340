"""Figures for monitoring, in the text format that Prometheus reads."""

import hmac
import os

from odoo.http import Controller, request, route
from odoo.tools import config
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.exceptions import NotFound, Unauthorized


def get_token():
    """The secret of who may read the figures; a matter of the server's administrator, so it is no record."""
    return config.get("pwik_metrics_token") or os.environ.get("PWIK_METRICS_TOKEN") or ""


class Metrics(Controller):
    @route(
        "/pwik/metrics",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        readonly=True,
        sitemap=False,
    )
    def metrics(self, **kw):
        """Queues, runs, imports, mail, scheduled actions: counts only, no name of anybody.

        Closed (404) while no token is configured; asked for by ``Authorization: Bearer TOKEN``.
        """
        token = get_token()
        if not token:
            raise NotFound()
        given = request.httprequest.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthorized()
        # sudo: the token is proven; the counts cross all companies and roles
        found = request.env["pwik.metrics"].sudo()._get_metrics()
        return request.make_response(
            self._write(found), [("Content-Type", CONTENT_TYPE_PLAIN_0_0_4), ("Cache-Control", "no-store")]
        )

    @staticmethod
    def _write(metrics):
        """:param metrics: as from ``pwik.metrics._get_metrics``"""
        registry = CollectorRegistry()
        for name, (text, label, values) in metrics.items():
            gauge = Gauge(name, text, [label] if label else [], registry=registry)
            for key, value in values.items():
                (gauge.labels(key) if label else gauge).set(value)
        return generate_latest(registry)

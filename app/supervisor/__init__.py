"""Starts, watches and stops what the portal runs on: embedded PostgreSQL and Redis, then web, worker and
ticker.

`EmbeddedServers` and `attach_or_start` give a command its servers; `Family` keeps the portal's own
processes alive. Apart from the rest of the portal: the standard library, and psycopg to speak to the
database that was started. The servers' programs come from two wheels, of which nothing but the programs is
used.
"""

from app.supervisor.checks import check_server
from app.supervisor.errors import SupervisorError
from app.supervisor.servers import EmbeddedServers, Endpoints, attach_or_start

__all__ = ["EmbeddedServers", "Endpoints", "SupervisorError", "attach_or_start", "check_server"]

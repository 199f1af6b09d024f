"""Gunicorn's settings, read by `python run.py web`. Values that differ between machines come from the
environment.

Sync workers, because Flask-AppBuilder's views keep state on themselves and are not safe under threads.
"""

import os
import signal
from typing import Any

from app.supervisor.processes import dies_with_parent
from config import CHECKOUT, load_settings

_settings = load_settings()
_settings.log_dir.mkdir(parents=True, exist_ok=True)

wsgi_app = "run:create_app()"
chdir = str(CHECKOUT)
bind = (
    f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
)
workers = _settings.web_workers
worker_class = "sync"
preload_app = False
timeout = 60
graceful_timeout = 10
keepalive = 2
max_requests = 5000
max_requests_jitter = 500
limit_request_line = 8190
accesslog = str(_settings.log_dir / "access.log")
errorlog = "-"
proc_name = "portal-web"
# Its heartbeat file must not lie on a disk that can stall.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Gunicorn's own workers notice only after half a minute that the arbiter was killed, and hold the
    port so long.
    """
    dies_with_parent(signal.SIGTERM, parent=server.pid)()

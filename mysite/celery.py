"""The Celery application: one task, two queues, no result backend (results are database rows)."""

import os

from celery import Celery
from django.conf import settings
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
TRANSPORT_ALIASES["atomicfile"] = "workers.broker:Transport"

app = Celery("mysite")


def broker_options() -> dict[str, object]:
    if not settings.BROKER_URL:
        from workers.broker import folder_options
        from workers.celery_process import QUEUE_VARIABLE

        # Visitors wait for the interactive worker; looking so often takes 2 % of a core.
        interactive = os.environ.get(QUEUE_VARIABLE) == "interactive"
        return folder_options(settings.BROKER_DIR, seconds=0.01 if interactive else 0.05)
    if settings.BROKER_URL.startswith(("redis", "rediss")):
        # A wake-up that waits for an unreachable broker would hang the request that sent it.
        return {
            "socket_connect_timeout": 2,
            "visibility_timeout": 3600,
            "unacked_restore_interval": 10,
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0,
            "connect_retries_timeout": 1,
        }
    return {}


app.conf.update(
    broker_url=settings.BROKER_URL or "atomicfile://localhost/",
    broker_transport_options=broker_options(),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=False,
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in ("interactive", "batch")],
    task_default_queue="batch",
    worker_prefetch_multiplier=1,
    worker_concurrency=1,
    worker_pool="prefork",
    worker_pool_start_method="spawn",
    # A fresh interpreter that imports Django needs more than the default of 4 s on a busy machine; then it was killed and
    # spawned again, for as long as the machine stayed busy.
    worker_proc_alive_timeout=60.0,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    enable_utc=True,
)
app.autodiscover_tasks(["workers"])

from workers import celery_process  # noqa: E402,F401  (connects the worker signals)

import os
import uuid
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with the real sample data and weights, which cannot be in the repository: data/cufs, weights ..."""
    named = os.environ.get("WORKBENCH_SHARED_DIR")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(
            "the real sample data is not here (set WORKBENCH_SHARED_DIR to the folder that holds data/ and weights/)"
        )
    return folder


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Slow hashing guards real passwords; here it would only take time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user("alice", password="graphite-on-paper")


@pytest.fixture
def stranger(django_user_model):
    return django_user_model.objects.create_user("bob", password="graphite-on-paper")


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_superuser("carol", password="graphite-on-paper")


@pytest.fixture
def worker(db):
    """A Worker row that stands for this process."""
    from django.utils import timezone

    from workers.models import Worker

    now = timezone.now()
    return Worker.objects.create(
        id=uuid.uuid4(), host="here", pid=os.getpid(), queue="batch", started=now, last_seen=now
    )


@pytest.fixture
def run_jobs(transactional_db, worker):
    """Call it to run all queued jobs of a queue in this process; returns the jobs as they ended.

    The heartbeat has a database connection of its own, so the test's rows must be committed (transactional_db).
    """
    from workers.tasks import run_next

    def run(queue: str = "batch") -> list:
        jobs = []
        while (job := run_next(queue, worker)) is not None:
            jobs.append(job)
        return jobs

    return run


@pytest.fixture(scope="session", params=["embedded", "servers"])
def workbench(request, tmp_path_factory):
    """A running workbench, once on file broker + SQLite and once on Redis + PostgreSQL (skipped where there are none)."""
    from tests.live import running_workbench

    with running_workbench(tmp_path_factory.mktemp(request.param), request.param) as workbench:
        yield workbench

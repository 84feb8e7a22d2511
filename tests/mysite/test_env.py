"""Reading the environment: typed, and a nonsense value names its variable."""

import stat

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from mysite.env import Environment, secret_key


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (lambda env: env.flag("DEBUG", False), {"DEBUG": "perhaps"}),
        (lambda env: env.number("LEASE_SECONDS", 10, low=2, high=600), {"LEASE_SECONDS": "soon"}),
        (lambda env: env.number("LEASE_SECONDS", 10, low=2, high=600), {"LEASE_SECONDS": "0.1"}),
        (lambda env: env.number("LEASE_SECONDS", 10, low=2, high=600), {"LEASE_SECONDS": "nan"}),
        (lambda env: env.text("DEVICE", "auto", choices=("auto", "cpu")), {"DEVICE": "tpu"}),
        (lambda env: env.database("DATABASE_URL", "/x"), {"DATABASE_URL": "oracle://there"}),
        (lambda env: env.broker("BROKER_URL"), {"BROKER_URL": "carrier-pigeon://"}),
    ],
)
def test_a_nonsense_value_stops_the_start_with_the_name_of_the_variable(read, values):
    with pytest.raises(ImproperlyConfigured, match=next(iter(values))):
        read(Environment(values))


def test_defaults_hold_when_nothing_is_set(tmp_path):
    env = Environment({})
    assert env.flag("DEBUG", False) is False and env.number("LEASE_SECONDS", 10, low=2, high=600) == 10
    assert env.database("DATABASE_URL", tmp_path / "db.sqlite3")["NAME"] == str(tmp_path / "db.sqlite3")
    assert env.broker("BROKER_URL") == ""


def test_a_postgres_address_is_understood():
    entry = Environment({"DATABASE_URL": "postgres://me:secret@db.example:5433/faces"}).database("DATABASE_URL", "/x")
    assert (entry["ENGINE"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "django.db.backends.postgresql", "db.example", 5433, "faces",
    )  # fmt: skip


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="DATA_DIR"):
        Environment({"DATA_DIR": str(tmp_path / "file")}).folder("DATA_DIR", tmp_path)


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    file = tmp_path / "new" / "secret_key"
    key = secret_key("", file)
    assert len(key) >= 50 and secret_key("", file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.django_db
def test_sqlite_runs_with_write_ahead_log_and_immediate_transactions():
    if connection.vendor != "sqlite":
        pytest.skip("the suite runs on another database")
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 20000}
    assert connection.transaction_mode == "IMMEDIATE"

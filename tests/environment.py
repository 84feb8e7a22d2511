"""Loaded before Django's settings (pytest -p): the tests live in a data folder of their own and ignore the caller's services.

TEST_DATABASE_URL runs the whole suite on another database.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="workbench-tests-"))
(FOLDER / "static").mkdir()
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for name in (
    "DATABASE_URL",
    "BROKER_URL",
    "DATASETS_ROOT",
    "FOLDER_ROOTS",
    "WEIGHTS_DIR",
    "HTTPS",
    "DEBUG",
    "ALLOWED_HOSTS",
    "HOST",
    "PORT",
):
    os.environ.pop(name, None)
os.environ.update(DATA_DIR=str(FOLDER), DATASETS_ROOT=str(FOLDER / "incoming"), DEVICE="cpu", LOG_LEVEL="WARNING")
os.environ.setdefault("OMP_NUM_THREADS", "2")
if os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

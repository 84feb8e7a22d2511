"""Two processes that meet on a database nobody has set up yet."""

import os
import subprocess
import sys

from tests.live import ROOT


def test_commands_started_together_on_a_fresh_database_all_succeed(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    environment["DATA_DIR"] = str(tmp_path / "fresh")
    command = [sys.executable, "manage.py", "make_token", "together"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in started]
    assert [code for _output, code in ended] == [0, 0, 0], ended
    keys = {output[0].strip() for output, _code in ended}
    assert len(keys) == 3 and all(key.startswith("fsw_") for key in keys)

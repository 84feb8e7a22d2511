"""Broken and hostile archives and pictures, sent to the page and the REST API.

The suite sends some, with a seed. The long run, and another seed:

    WORKBENCH_FUZZ=5000 WORKBENCH_FUZZ_SEED=7 pytest tests/datasetviewer/test_fuzzing.py
    python -m tests.datasetviewer.sending FOLDER 5000 7      the same without pytest; prints what was counted
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_whatever_is_sent_ends_in_a_sentence_leaves_nothing_and_takes_less_than_300_mib(tmp_path):
    cases = int(os.environ.get("WORKBENCH_FUZZ", "60"))
    seed = os.environ.get("WORKBENCH_FUZZ_SEED", "1")
    done = subprocess.run(
        [sys.executable, "-m", "tests.datasetviewer.sending", str(tmp_path), str(cases), seed],
        cwd=ROOT, capture_output=True, text=True, timeout=120 + cases,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert result["cases"] >= cases
    for kind in ("zip", "pictures", "request"):
        assert result[f"{kind}_page"] > 0 and result[f"{kind}_rest"] > 0, result
    for ended in ("refused", "jobs_failed", "jobs_succeeded", "pictures_stored", "files_left_out"):
        assert result[ended] > 0, result
    assert result["peak_mib"] < 300, result


def test_what_is_written_elsewhere_would_be_noticed(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from tests.datasetviewer.sending import Watch\n"
        "inside, outside = Path(sys.argv[1]), Path(sys.argv[2]); watch = Watch(inside)\n"
        "(inside / 'a').write_text(''); (inside / 'b').mkdir(); (inside / 'a').rename(inside / 'c')\n"
        "Path('/etc/hosts').read_text()\n"
        "assert not watch.found, watch.found\n"
        "(outside / 'a').write_text(''); (outside / 'b').mkdir()\n"
        "(inside / 'c').rename(outside / 'c'); os.symlink('x', outside / 'd')\n"
        "print(len(watch.found))\n"
    )
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "inside"), str(tmp_path / "outside")],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "4"

"""Hostile uploads to a real web process. The suite sends some, with a seed. The long run, and another seed:

WORKBENCH_FUZZ=10000 WORKBENCH_FUZZ_SEED=7 pytest tests/stylized_face/test_hostile.py
python -m tests.stylized_face.sending FOLDER 10000 7      the same without pytest; prints what was counted
"""

import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.stylized_face.hostile_pictures import Arsenal, jpeg_scans
from tests.stylized_face.hostile_requests import draw
from workers.engine.errors import InputError
from workers.engine.images import read_photo

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.live
@pytest.mark.timeout(0)
def test_no_upload_breaks_the_web_process_or_the_worker_or_leaves_anything_behind(tmp_path):
    cases = int(os.environ.get("WORKBENCH_FUZZ", "300"))
    seed = os.environ.get("WORKBENCH_FUZZ_SEED", "1")
    done = subprocess.run(
        [sys.executable, "-m", "tests.stylized_face.sending", str(tmp_path), str(cases), seed],
        cwd=ROOT, capture_output=True, text=True, timeout=600 + 2 * cases,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert result["faults"] == 0, done.stderr[-8000:]
    assert result["sent"] > cases
    assert set(result["kinds"]) == {
        "good", "odd mode", "spoilt", "cut off", "other kind", "other kind, spoilt", "polyglot", "metadata", "bomb", "file name",
        "zip", "field values", "form", "header", "frame", "large at once",
    }  # fmt: skip
    for number in ("accepted", "jobs_succeeded", "jobs_failed", "different_sketches"):
        assert result[number] > 0, result
    assert result["statuses"]["400"] > cases / 4, result
    assert result["peak_mib_one_by_one"] < 400, result
    assert result["peak_mib"] < 400, result


def test_the_same_seed_draws_the_same_requests():
    arsenal = Arsenal(Image.effect_noise((60, 75), 90).convert("RGB"))
    first, again = ([draw(random.Random(seed), arsenal) for seed in range(40)] for _ in range(2))
    assert first == again and len({case.request for case in first}) > 35


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded(tmp_path):
    path = tmp_path / "scans.jpg"
    path.write_bytes(jpeg_scans((64, 64), 900))
    for source in (path, path.open("rb")):
        with pytest.raises(InputError, match="passes"):
            read_photo(source)
    path.write_bytes(jpeg_scans((64, 64), 20))
    assert read_photo(path).size == (64, 64)


@pytest.mark.parametrize("filling", [b"\xff", b"\xff\x00"])
def test_a_jpeg_of_mebibytes_between_its_segments_is_refused_before_it_is_opened(filling, monkeypatch):
    jpeg = jpeg_scans((64, 64), 0)
    assert read_photo(io.BytesIO(jpeg[:2] + filling * 1000 + jpeg[2:])).size == (64, 64)
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(InputError, match="parts"):
        read_photo(io.BytesIO(jpeg[:2] + filling * 2_000_000 + jpeg[2:]))

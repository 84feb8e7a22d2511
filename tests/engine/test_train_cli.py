"""`train` and `describe` of the command line."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from tests.engine.pairs import made_pairs
from workers.engine.__main__ import main
from workers.engine.families.checkpoint_file import checkpoint_meta


@pytest.fixture
def pairs(tmp_path):
    made_pairs(tmp_path / "pairs", 6)
    return tmp_path / "pairs"


def test_train_makes_checkpoints_and_prints_one_object(pairs, tmp_path, capsys):
    command = ["train", "pix2pix.tiny", "--pairs", str(pairs), "--out", str(tmp_path / "out"), "--set", "epochs=1",
               "--set", "batch=3", "--validation", "0.2", "--seed", "5", "--device", "cpu", "--json"]  # fmt: skip
    assert main(command) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["n_train"], answer["n_validation"], answer["steps"]) == (5, 1, 2)
    [made] = answer["checkpoints"]
    meta = checkpoint_meta(tmp_path / "out" / "checkpoints" / made["id"])
    assert (meta.digest, meta.seed, meta.train_digest) == (made["digest"], 5, answer["train_digest"])
    assert main(command) == 0  # again: done already, same answer
    assert json.loads(capsys.readouterr().out) == answer


def test_train_speaks_to_people(pairs, tmp_path, capsys):
    command = ["train", "vae.tiny", "--source", str(pairs / "photos"), "--target", str(pairs / "sketches"),
               "--out", str(tmp_path / "out"), "--set", "epochs=1", "--set", "batch=4"]  # fmt: skip
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.out.startswith("vae.tiny: 1 epochs, 2 steps, 1 checkpoints") and "epoch 1:" in said.err


@pytest.mark.parametrize(
    ("direction", "source"), [("sketch:photo", "sketches"), ("sketch:sketch", "sketches"), ("photo:sketch", "photos")]
)
def test_every_direction_can_be_trained(direction, source, pairs, tmp_path, capsys):
    command = ["train", "pix2pix.tiny", "--pairs", str(pairs), "--out", str(tmp_path / "out"), "--set", "epochs=1"]
    assert main([*command, "--set", "batch=6", "--direction", direction, "--json"]) == 0
    [made] = json.loads(capsys.readouterr().out)["checkpoints"]
    assert checkpoint_meta(tmp_path / "out" / "checkpoints" / made["id"]).direction == tuple(direction.split(":"))
    shown = Image.open(tmp_path / "out" / "samples" / "source" / "00.png").tobytes()
    assert shown in [Image.open(file).tobytes() for file in (pairs / source).iterdir()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["pix2pix.huge"], "no preset named 'pix2pix.huge'. Known: pix2pix.modern"),
        (["--set", "epochs"], "--set takes name=value"),
        (["--set", "epoch=3"], "no option named 'epoch'"),
        (["--validation", "1"], "up to, not including, 1"),
        (["--validation", "0.99"], "none is left to train on"),
        (["--direction", "photo"], "FROM:TO"),
        (["--direction", "photo:caricature"], "has no folder caricatures/"),
        (["--device", "tpu"], "no device named 'tpu'"),
        (["--source", "x"], "either --pairs DIR, or both"),
        (["--start-from", "nowhere"], "There is no checkpoint nowhere"),
        (["--set", "batch=4", "--pairs", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_bad_requests_end_with_2_and_a_sentence(change, said, pairs, tmp_path, capsys):
    preset = change.pop(0) if not change[0].startswith("--") else "pix2pix.tiny"
    command = ["train", preset, "--pairs", str(pairs), "--out", str(tmp_path / "out"), *change]
    assert main(command) == 2
    stderr = capsys.readouterr().err
    assert said in stderr and "Traceback" not in stderr


def test_pairs_that_do_not_match_are_said(pairs, tmp_path, capsys):
    (pairs / "photos" / "0.jpg").write_bytes((pairs / "photos" / "0.png").read_bytes())
    command = ["train", "pix2pix.tiny", "--pairs", str(pairs), "--out", str(tmp_path / "out")]
    assert main(command) == 2
    assert "two pictures named 0" in capsys.readouterr().err
    for file in (pairs / "photos").iterdir():
        file.rename(file.with_name(f"other{file.name}"))
    (pairs / "photos" / "other0.jpg").unlink()
    assert main(command) == 2
    assert "No file of" in capsys.readouterr().err


def test_describe_counts_the_networks(capsys):
    assert main(["describe", "pix2pix.unet256", "--json"]) == 0
    networks = json.loads(capsys.readouterr().out)["networks"]
    assert networks["generator"] == {"parameters": 54_413_955, "input": [3, 256, 256], "output": [3, 256, 256]}
    assert networks["discriminator"] == {"parameters": 2_768_705, "input": [6, 256, 256], "output": [1, 30, 30]}
    assert main(["describe", "pix2pix.unet256", "--set", "size=128"]) == 0
    out = capsys.readouterr().out
    assert "generator: 41,828,995 parameters, 3x128x128 -> 3x128x128" in out and "size = 128" in out
    assert main(["describe", "nonsense"]) == 2


def test_the_command_line_starts_without_torch():
    code = (
        "import sys; from workers.engine.__main__ import main\n"
        "try: main(['train', '--help'])\n"
        "except SystemExit: print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("False") and "torchrun" in done.stdout

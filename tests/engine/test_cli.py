import json
import subprocess
import sys

import numpy as np
import pytest

from tests.engine.drawing import folder_of_blobs
from workers.engine.__main__ import main
from workers.engine.features.extract import extract


@pytest.fixture
def folders(tmp_path):
    folder_of_blobs(tmp_path / "reference", range(3))
    folder_of_blobs(tmp_path / "candidate", range(10, 14))
    return [str(tmp_path / "reference"), str(tmp_path / "candidate")]


def test_fid_prints_one_json_object(folders, made_up_weights, capsys):
    assert main(["fid", *folders, "--weights-dir", str(made_up_weights), "--device", "cpu", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["metric"], answer["extractor"]) == ("fid", "inception.mixed6e")
    assert (answer["n_reference"], answer["n_candidate"]) == (3, 4)
    assert answer["value"] > 0
    assert len(answer["protocol"]) == 12
    assert answer["skipped"] == []
    assert any("covariance" in text for text in answer["warnings"])


def test_fid_prints_lines_for_people(folders, made_up_weights, capsys):
    assert main(["fid", *folders, "--weights-dir", str(made_up_weights), "--batch-size", "2"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("fid ") and "lower is better" in said.out
    assert "reference: 3 pictures" in said.err


def test_a_folder_against_itself_is_zero(folders, made_up_weights, capsys):
    main(["fid", folders[0], folders[0], "--weights-dir", str(made_up_weights), "--json"])
    assert json.loads(capsys.readouterr().out)["value"] == pytest.approx(0, abs=1e-6)


def test_extract_writes_features_and_names(folders, made_up_weights, tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["extract", folders[0], "-o", str(out), "--weights-dir", str(made_up_weights), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dimension"] == 768
    expected = extract(sorted((tmp_path / "reference").iterdir()), "inception.mixed6e", weights_dir=made_up_weights)
    with np.load(out) as written:
        np.testing.assert_allclose(written["features"], expected.features, rtol=1e-5)
        assert written["keys"].tolist() == list(expected.keys)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a: a.__setitem__(1, "nowhere"), "There is no folder nowhere"),
        (lambda a: a.extend(["--extractor", "nonsense"]), "Known: dlib.face128, inception.mixed6e"),
        (lambda a: a.extend(["--device", "tpu"]), "no device named 'tpu'"),
        (lambda a: a.extend(["--batch-size", "0"]), "must be at least 1"),
    ],
)
def test_bad_requests_end_with_2_and_a_sentence(change, said, folders, made_up_weights, capsys):
    arguments = ["fid", *folders, "--weights-dir", str(made_up_weights)]
    change(arguments)
    assert main(arguments) == 2
    stderr = capsys.readouterr().err
    assert said in stderr
    assert "Traceback" not in stderr


def test_missing_weights_end_with_2_and_the_way_out(folders, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["fid", *folders]) == 2
    assert "manage.py add_weights inception.mixed6e FILE" in capsys.readouterr().err


def test_a_default_weights_folder_is_found(folders, made_up_weights, tmp_path, monkeypatch, capsys):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").symlink_to(made_up_weights)
    monkeypatch.chdir(tmp_path)
    assert main(["fid", *folders, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] > 0


def test_it_runs_as_a_module_without_torch_for_the_help():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "workers.engine", "fid", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "REFERENCE_DIR" in done.stdout
    assert " torch" not in done.stderr


def test_an_unknown_command_ends_with_2():
    done = subprocess.run([sys.executable, "-m", "workers.engine", "fit"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "invalid choice" in done.stderr

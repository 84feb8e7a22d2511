import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine.drawing import folder_of_blobs
from workers.engine import sources
from workers.engine.__main__ import main
from workers.engine.features.extract import extract
from workers.engine.metrics.frechet import frechet_distance

ROOT = Path(__file__).resolve().parents[2]


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
        (lambda a: a.extend(["--extractor", "nonsense"]), "There is no extractor named 'nonsense'. Known: clip.vitb32"),
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


def test_the_published_fid_needs_the_whole_network(folders, made_up_weights, capsys):
    assert main(["fid", *folders, "--dims", "2048", "--weights-dir", str(made_up_weights)]) == 2
    assert "manage.py fetch_weights inception.pool3, or: python manage.py add_weights" in capsys.readouterr().err


def test_the_layer_of_a_checkpoint_is_looked_for_in_its_folder(folders, tmp_path, capsys):
    name = "pix2pix.en7@0123456789ab"
    assert main(["fid", *folders, "--extractor", name, "--checkpoints-dir", str(tmp_path)]) == 2
    assert "There is no checkpoint 0123456789ab" in capsys.readouterr().err


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


def answer_of(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def asked(folders, made_up_weights):
    """Two folders, and the layer that is quickest to reach."""
    return [*folders, "--weights-dir", str(made_up_weights), "--device", "cpu", "--dims", "64"]


def test_every_value_comes_with_interval_floor_and_details(tmp_path, made_up_weights, capsys):
    sets = [
        str(folder_of_blobs(tmp_path / name, seeds)[0].parent) for name, seeds in (("a", range(8)), ("b", range(9, 16)))
    ]
    options = ["--weights-dir", str(made_up_weights), "--dims", "64"]
    answer = answer_of(capsys, "kid", *sets, *options)
    assert answer["metric"] == "kid"
    assert answer["low"] < answer["value"] < answer["high"]
    assert answer["floor"] is not None and answer["floor"] != answer["value"]
    assert answer["details"]["resamples"] == 200
    assert (answer["details"]["floor_n1"], answer["details"]["subset_size"]) == (4, 3)
    assert answer_of(capsys, "kid", *sets, *options) == answer


def test_the_value_alone_is_the_same_value(asked, capsys):
    judged, alone = answer_of(capsys, "fid", *asked), answer_of(capsys, "fid", *asked, "--value-only")
    assert alone["value"] == judged["value"]
    assert (alone["low"], alone["floor"]) == (None, None)


def test_compare_gives_all_metrics_that_the_sets_are_large_enough_for(asked, capsys):
    results = answer_of(capsys, "compare", *asked)["results"]
    assert [result["metric"] for result in results] == ["fid", "kid", "cmmd"]  # 3 against 4 pictures
    assert len({result["protocol"] for result in results}) == 3
    assert main(["compare", *asked, "--metrics", "kid,fid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("kid ") and any(line.startswith("fid ") for line in lines)
    assert main(["compare", *asked, "--metrics", "kid,fit"]) == 2
    assert "no metric named 'fit'" in capsys.readouterr().err
    assert main(["compare", *asked, "--metrics", "precision"]) == 2
    assert "reference has 3 pictures; this metric needs at least 4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dims", "name"), [(64, "inception.pool1"), (192, "inception.pool2"), (768, "inception.mixed6e")]
)
def test_dims_choose_the_layer_as_in_pytorch_fid(dims, name, asked, capsys):
    answer = answer_of(capsys, "fid", *asked, "--value-only", "--dims", str(dims))
    assert answer["extractor"] == name
    assert answer["value"] > 0


def test_statistics_are_saved_as_pytorch_fid_reads_them_and_give_the_same_value(asked, folders, tmp_path, capsys):
    expected = answer_of(capsys, "fid", *asked, "--value-only")
    saved = [str(tmp_path / name) for name in ("reference.npz", "candidate.npz")]
    for folder, file in zip(folders, saved, strict=True):
        written = answer_of(capsys, "fid", folder, file, "--save-stats", *asked[2:])
        assert written["dimension"] == 64
    with np.load(saved[0]) as stored:
        assert stored["mu"].shape == (64,) and stored["sigma"].shape == (64, 64)
        assert stored["mu"].dtype == stored["sigma"].dtype == np.float64
    for sides in (saved, [saved[0], folders[1]], [folders[0], saved[1]]):
        answer = answer_of(capsys, "fid", *sides, *asked[2:])
        assert answer["value"] == pytest.approx(expected["value"], rel=1e-6)
        assert answer["protocol"] == expected["protocol"]
        assert (answer["n_reference"], answer["n_candidate"]) == (3, 4)
        assert answer["low"] is None


def test_files_of_pytorch_fid_are_read_with_a_warning(asked, tmp_path, capsys):
    rng = np.random.default_rng(1)
    rows = [rng.normal(size=(30, 5)), rng.normal(size=(30, 5)) + 1]
    for name, some in zip(("one.npz", "two.npz"), rows, strict=True):
        np.savez(tmp_path / name, mu=some.mean(axis=0), sigma=np.cov(some, rowvar=False))
    answer = answer_of(capsys, "fid", str(tmp_path / "one.npz"), str(tmp_path / "two.npz"))
    assert answer["value"] == pytest.approx(frechet_distance(*rows), rel=1e-9)
    assert answer["protocol"] is None and answer["n_reference"] is None
    assert "one.npz does not say which network" in answer["warnings"][0]
    assert main(["fid", str(tmp_path / "one.npz"), asked[1], *asked[2:]]) == 2
    assert "5 numbers per picture and the candidate's 64" in capsys.readouterr().err
    assert main(["kid", str(tmp_path / "one.npz"), str(tmp_path / "two.npz")]) == 2
    assert "kid needs features; " in capsys.readouterr().err


def test_extracted_features_are_compared_like_their_folder(asked, folders, tmp_path, capsys):
    expected = answer_of(capsys, "kid", *asked)
    out = str(tmp_path / "out.npz")
    answer_of(capsys, "extract", folders[0], "-o", out, *asked[2:])
    assert answer_of(capsys, "kid", out, folders[1], *asked[2:]) == expected
    answer_of(capsys, "extract", folders[0], "-o", out, *asked[2:], "--dims", "192")
    assert main(["kid", out, folders[1], *asked[2:]]) == 2
    assert "different extractors or weights" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no archive", "cannot be read as a .npz file"),
        (None, "There is no file"),
        ({"x": np.ones(2)}, "holds x; mu and sigma"),
    ],
)
def test_a_file_that_is_no_statistics_is_refused(content, said, asked, tmp_path, capsys):
    file = tmp_path / "given.npz"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        np.savez(file, **content)
    assert main(["fid", str(file), *asked[1:]]) == 2
    assert said in capsys.readouterr().err


def test_the_cache_answers_the_second_time(asked, tmp_path, capsys, monkeypatch):
    cache = ["--cache", str(tmp_path / "cache")]
    first = answer_of(capsys, "fid", *asked, *cache)
    monkeypatch.setattr("workers.engine.features.extract.load", lambda *_: pytest.fail("the network was loaded"))
    assert answer_of(capsys, "fid", *asked, *cache) == first


def test_very_many_pictures_go_by_moments(asked, capsys, monkeypatch):
    expected = answer_of(capsys, "fid", *asked, "--value-only")
    monkeypatch.setattr("workers.engine.sources.KEPT", 2)
    answer = answer_of(capsys, "fid", *asked)
    assert answer["value"] == pytest.approx(expected["value"], rel=1e-6)
    assert answer["protocol"] == expected["protocol"]


def test_sizes_that_differ_are_told(asked, folders, tmp_path, capsys):
    folder_of_blobs(tmp_path / "large", range(20, 23), size=(64, 80))
    answer = answer_of(capsys, "fid", folders[0], str(tmp_path / "large"), *asked[2:])
    assert any("40x50 pixels large and the candidate 64x80" in text for text in answer["warnings"])
    folder_of_blobs(tmp_path / "large", [30])
    answer = answer_of(capsys, "fid", folders[0], str(tmp_path / "large"), *asked[2:])
    assert any("2 different sizes (" in text for text in answer["warnings"])


def test_several_candidates_are_each_compared_with_one_reference(asked, tmp_path, capsys, monkeypatch):
    folder_of_blobs(tmp_path / "other", range(20, 24))
    reference, candidate, *rest = asked
    alone = [answer_of(capsys, "fid", reference, each, *rest) for each in (candidate, str(tmp_path / "other"))]
    read, reading = [], sources.read
    monkeypatch.setattr(
        sources, "read", lambda path, *more, **options: read.append(path) or reading(path, *more, **options)
    )
    together = answer_of(capsys, "fid", reference, candidate, str(tmp_path / "other"), *rest)["candidates"]
    assert [each["candidate"] for each in together] == [candidate, str(tmp_path / "other")]
    assert [each["value"] for each in together] == pytest.approx([each["value"] for each in alone], rel=1e-6)
    assert alone[0]["value"] != pytest.approx(alone[1]["value"], rel=1e-3)
    assert [path.name for path in read] == ["reference", "candidate", "other"]  # the reference once
    assert main(["fid", reference, candidate, str(tmp_path / "other"), *rest]) == 0
    said = capsys.readouterr().out
    assert f"{candidate}:\nfid " in said and f"{tmp_path / 'other'}:\nfid " in said


def test_one_missing_candidate_of_several_ends_before_the_work(asked, capsys):
    reference, candidate, *rest = asked
    assert main(["fid", reference, candidate, "nowhere", *rest]) == 2
    said = capsys.readouterr()
    assert "There is no folder nowhere" in said.err and "fid " not in said.out


def test_statistics_of_one_set_are_saved_under_one_name(asked, tmp_path, capsys):
    reference, _candidate, *rest = asked
    names = [str(tmp_path / "one.npz"), str(tmp_path / "two.npz")]
    assert main(["fid", reference, *names, "--save-stats", *rest]) == 2
    assert "writes one .npz file" in capsys.readouterr().err
    assert not any(tmp_path.glob("*.npz"))


@pytest.mark.parametrize(
    "command", [["-m", "workers.engine", "describe", "pix2pix.tiny", "--json"], ["manage.py", "diffsettings"]]
)
def test_a_reader_that_leaves_early_hears_no_complaint(command):
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()  # long before the first word
    assert (process.stderr.read(), process.wait()) == (b"", 0)
    process.stderr.close()

import json
import shutil

import pytest
from django.core.management import call_command

from evaluation.models import Evaluation
from tests.engine.conftest import made_up_file, made_up_weights  # noqa: F401  (fixtures)
from tests.engine.drawing import folder_of_blobs
from tests.evaluation.conftest import EXTRACTOR
from workers.engine import weights_fetching
from workers.engine.weights import WeightsFile
from workers.models import Job, JobState, Worker, WorkerState


def run(*arguments):
    """Exit code of a command."""
    try:
        call_command(*arguments)
    except SystemExit as ended:
        return ended.code
    return 0


def evaluate(*more, reference="faces:test:sketch", candidate="faces:test:photo", extractor=EXTRACTOR):
    return run("evaluate", "--reference", reference, "--candidate", candidate, "--extractor", extractor, *more)


def test_evaluate_queues_and_prints_the_id(dataset, capsys):
    assert evaluate("--json") == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer == {"evaluation": str(Evaluation.objects.get().id), "state": "queued", "created": True}
    assert "No batch worker is running" in said.err
    assert evaluate() == 0
    assert "Exists already (queued)" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_evaluate_waits_and_computes_here_when_no_worker_runs(dataset, capsys):
    assert evaluate("--wait", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    result = Evaluation.objects.get().results.get()
    assert (answer["metric"], answer["value"], answer["protocol"]) == ("fid", result.value, result.protocol)
    assert (answer["n_reference"], answer["n_candidate"]) == (10, 12)
    assert Worker.objects.get().state == WorkerState.STOPPED
    assert evaluate("--wait") == 0
    assert "fid" in capsys.readouterr().out
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_evaluate_computes_the_parts_of_a_large_set_here_as_well(dataset, capsys, settings):
    settings.SHARD_PICTURES = 5
    assert evaluate("--wait", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n_candidate"] == 12
    assert Job.objects.filter(kind="features", state="succeeded").count() == 2 + 3 + 2


@pytest.mark.django_db(transaction=True)
def test_evaluate_takes_folders(tmp_path, capsys):
    folder_of_blobs(tmp_path / "one", range(4))
    folder_of_blobs(tmp_path / "two", range(8, 12))
    folders = {"reference": str(tmp_path / "one"), "candidate": str(tmp_path / "two")}
    assert evaluate("--wait", "--json", **folders) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["reference"] == str(tmp_path / "one")
    assert not Job.objects.get().public


@pytest.mark.django_db(transaction=True)
def test_a_failure_ends_with_1_and_its_reason(dataset, capsys):
    from datasetviewer.selectors import image_path

    image_path(dataset.images.filter(modality="photo").first()).unlink()
    assert evaluate("--wait", "--json") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "error: failed: " in said.err
    assert Job.objects.get().state == JobState.FAILED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reference": "faces"}, "neither a folder nor dataset:split:modality"),
        ({"reference": "nowhere:test:sketch"}, "Known: faces"),
        ({"candidate": "faces:test:caricature"}, "holds 0 pictures"),
        ({"extractor": "nonsense"}, "Known: clip.vitb32"),
        ({"extractor": "inception.mixed6e"}, "manage.py add_weights inception.mixed6e FILE"),
    ],
)
def test_bad_requests_end_with_2_and_a_sentence(change, said, dataset, capsys):
    assert evaluate("--wait", **change) == 2
    assert said in capsys.readouterr().err
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_metrics_are_computed_from_one_extraction(dataset, capsys):
    assert evaluate("--wait", "--json", "--metrics", "kid,fid,precision") == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["metric"] for answer in answers] == ["fid", "kid", "precision"]
    assert all(answer["low"] <= answer["value"] <= answer["high"] for answer in answers)
    assert answers[1]["details"]["subset_size"] == 5 and "subset_std" in answers[1]["details"]
    assert answers[0]["floor"] is not None
    assert len({answer["protocol"] for answer in answers}) == 3
    assert evaluate("--wait", "--metrics", "precision,kid,fid") == 0
    assert "95 % interval" in capsys.readouterr().out
    assert Job.objects.count() == 1


def test_unknown_metrics_end_with_2(dataset, capsys):
    assert evaluate("--metrics", "fid,kidd") == 2
    assert "no metric named 'kidd'" in capsys.readouterr().err


def test_add_weights_puts_the_file_in_place(made_up_weights, made_up_file, tmp_path, settings, capsys):  # noqa: F811
    given = shutil.copy(made_up_file, tmp_path / "download")
    assert run("add_weights", "inception.mixed6e", str(given), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"inception.mixed6e", "inception.pool1", "inception.pool2"} <= set(answer["serves"])
    assert "inception.pool3" not in answer["serves"]
    assert answer["file"] == str(settings.WEIGHTS_DIR / made_up_file.name)
    assert run("add_weights", "inception.mixed6e", str(given)) == 0
    assert "Added" in capsys.readouterr().out


def test_fetch_weights_lists_what_is_there_and_how_to_get_the_rest(made_up_weights, settings, capsys):  # noqa: F811
    settings.WEIGHTS_DIR = made_up_weights
    assert run("fetch_weights") == 0
    text = capsys.readouterr().out
    assert "present  fid_inception_2015_upto_mixed6e" in text
    assert "missing  pt_inception-2015-12-05-6726825d (91.2 MiB): The whole FID network" in text
    assert "python manage.py fetch_weights pt_inception-2015-12-05-6726825d" in text
    assert run("fetch_weights", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["weights"]}
    assert rows["fid_inception_2015_upto_mixed6e"]["state"] == "present"
    assert rows["edgeface_xs_fp32"]["state"] == "missing"
    assert rows["edgeface_xs_fp32"]["url"] is None
    assert rows["vgg_face_dag"]["sha256"] is None


def test_fetch_weights_fetches_what_is_missing_and_says_so(tmp_path, settings, capsys, monkeypatch):
    asked = []

    def fetch(entry, folder, report):
        report(0, None)
        report(3, 3)
        asked.append(entry.stem)
        (folder / entry.filename).write_bytes(b"abc")
        return WeightsFile(entry, folder / entry.filename, "d" * 64)

    settings.WEIGHTS_DIR = tmp_path
    monkeypatch.setattr(weights_fetching, "fetch", fetch)
    assert run("fetch_weights", "inception.pool3", "--json") == 0
    (fetched,) = json.loads(capsys.readouterr().out)["fetched"]
    assert fetched["bytes"] == 3
    assert asked == ["pt_inception-2015-12-05-6726825d"]
    assert run("fetch_weights", "dlib.face128") == 0
    assert "All that dlib.face128 needs is here already." in capsys.readouterr().out
    for name, said in (("nonsense", "no weights named"), ("edgeface.xs512", "cannot be fetched")):
        assert run("fetch_weights", name) == 2
        assert said in capsys.readouterr().err


def test_add_weights_refuses_with_2(tmp_path, settings, capsys):
    wrong = tmp_path / "wrong.pth"
    wrong.write_bytes(b"wrong")
    assert run("add_weights", "inception.mixed6e", str(wrong)) == 2
    assert "is not the file that inception.mixed6e needs" in capsys.readouterr().err
    assert run("add_weights", "nonsense", str(wrong)) == 2
    assert "Known: " in capsys.readouterr().err
    assert not settings.WEIGHTS_DIR.exists()

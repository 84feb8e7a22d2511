"""The five uses of the workbench over HTTP, with real Celery workers: browse, sketch, evaluate, compare, follow the job.

On the file broker with SQLite, and on Redis with PostgreSQL.
"""

import csv
import io

import httpx
import pytest
from PIL import Image

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def demo(workbench):
    """The address of the demo dataset, once the workers have drawn it."""

    def drawn() -> bool:
        answer = workbench.visitor.get("/api/v1/images/", params={"dataset": "demo"})
        return answer.status_code == 200 and answer.json()["count"] >= 72

    workbench.wait_until(drawn, 180, "the demo dataset to be drawn")
    return "/api/v1/datasets/demo/"


def portrait(workbench) -> bytes:
    image = workbench.visitor.get("/api/v1/images/", params={"dataset": "demo", "modality": "photo"}).json()["results"][
        0
    ]
    return workbench.visitor.get(image["file"]).content


def evaluate(workbench, candidate: str, **changes) -> httpx.Response:
    body = {
        "reference": {"dataset": "demo", "split": "all", "modality": "sketch"},
        "candidate": {"dataset": "demo", "split": "all", "modality": candidate},
        "extractor": "dlib.face128",
        "metrics": ["fid"],
        **changes,
    }
    return workbench.client.post("/api/v1/evaluations/", json=body)


def test_a_visitor_browses_the_drawn_dataset(workbench, demo):
    dataset = workbench.visitor.get(demo).json()
    assert dataset["drawn"] is True and dataset["public"] is True
    page = workbench.visitor.get("/datasets/demo/")
    assert page.status_code == 200 and "drawn" in page.text
    images = workbench.visitor.get(
        "/api/v1/images/", params={"dataset": "demo", "split": "test", "modality": "sketch"}
    ).json()
    assert images["count"] >= 2
    sketch = Image.open(io.BytesIO(workbench.visitor.get(images["results"][0]["file"]).content))
    assert sketch.size == (200, 250)


def test_a_visitor_gets_a_sketch_of_an_uploaded_face(workbench, demo):
    answer = workbench.visitor.post(
        "/api/v1/stylizations/", files={"photo": ("me.png", portrait(workbench), "image/png")}, data={"model": "pencil"}
    )
    assert answer.status_code == 202, answer.text
    job = workbench.wait_for_job(answer.json()["job"])
    assert job["state"] == "succeeded", job["message"]
    result = workbench.visitor.get(answer.headers["Location"]).json()
    drawing = workbench.visitor.get(result["result"]["sketch"])
    assert drawing.headers["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(drawing.content))
    assert picture.size == (400, 500)
    dark, light = picture.convert("L").getextrema()
    assert dark < 120 and light > 220, "a drawing has graphite and paper"


def test_a_picture_without_a_face_is_refused_in_a_sentence(workbench):
    wall = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(wall, "PNG")
    answer = workbench.visitor.post(
        "/api/v1/stylizations/", files={"photo": ("wall.png", wall.getvalue(), "image/png")}
    )
    job = workbench.wait_for_job(answer.json()["job"])
    assert job["state"] == "failed" and "face" in job["message"] and "Internal" not in job["message"]


def test_an_evaluation_gives_a_number_that_the_library_repeats(workbench, demo, tmp_path):
    answer = evaluate(workbench, "photo")
    assert answer.status_code in {200, 202}, answer.text
    body = answer.json()
    job = workbench.wait_for_job(str(body["job"]["id"] if isinstance(body["job"], dict) else body["job"]))
    assert job["state"] == "succeeded", job["message"]
    rows = workbench.client.get("/api/v1/results/", params={"metric": "fid", "extractor": "dlib.face128"}).json()[
        "results"
    ]
    (row,) = [row for row in rows if row["evaluation"] == body["id"]]
    assert row["value"] > 0 and row["n_reference"] == row["n_candidate"] >= 24 and row["protocol"]

    for modality in ("sketch", "photo"):
        (tmp_path / modality).mkdir()
        images = workbench.visitor.get(
            "/api/v1/images/", params={"dataset": "demo", "modality": modality, "page_size": 500}
        ).json()
        for image in images["results"]:
            (tmp_path / modality / f"{image['id']}.png").write_bytes(workbench.visitor.get(image["file"]).content)
    import json
    import subprocess
    import sys

    from tests.live import ROOT

    done = subprocess.run(
        [sys.executable, "-m", "workers.engine", "fid", str(tmp_path / "sketch"), str(tmp_path / "photo"),
         "--extractor", "dlib.face128", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["value"] == pytest.approx(row["value"], rel=1e-9)


def test_the_same_submission_gets_the_same_evaluation(workbench, demo):
    first, second = evaluate(workbench, "photo"), evaluate(workbench, "photo")
    assert second.status_code == 200 and first.json()["id"] == second.json()["id"]


def test_missing_weights_are_refused_with_the_command_to_run(workbench, demo):
    answer = evaluate(workbench, "photo", extractor="inception.mixed6e")
    assert answer.status_code == 400 and "manage.py add_weights inception.mixed6e" in answer.json()["detail"]


def test_submitting_needs_a_token_and_reading_does_not(workbench, demo):
    body = {"reference": {}, "candidate": {}, "extractor": "dlib.face128", "metrics": ["fid"]}
    refused = workbench.visitor.post("/api/v1/evaluations/", json=body)
    assert refused.status_code == 401 and refused.headers["Content-Type"] == "application/problem+json"
    assert workbench.visitor.get("/api/v1/results/").status_code == 200


def test_results_are_compared_in_a_table_and_as_csv(workbench, demo):
    for candidate in ("photo", "caricature"):
        body = evaluate(workbench, candidate).json()
        workbench.wait_for_job(str(body["job"]["id"] if isinstance(body["job"], dict) else body["job"]))
    page = workbench.visitor.get("/results/")
    assert page.status_code == 200 and "dlib.face128" in page.text
    answer = workbench.visitor.get("/api/v1/results/", params={"format": "csv", "ordering": "value"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    blocks: dict[str, list[float]] = {}
    for row in rows:
        blocks.setdefault(row["protocol"], []).append(float(row["value"]))
    assert max(len(values) for values in blocks.values()) >= 2, "photos and caricatures share a protocol"
    assert all(values == sorted(values) for values in blocks.values())
    assert {"metric", "value", "n_reference", "n_candidate", "extractor", "protocol"} <= set(rows[0])


def test_an_imported_dataset_is_private_until_it_is_published(workbench, tmp_path):
    for folder in ("photos", "sketches"):
        (tmp_path / folder).mkdir()
        for number in range(3):
            Image.new("RGB", (200, 250), (40 * number, 90, 120 if folder == "photos" else 30)).save(
                tmp_path / folder / f"{number}.png"
            )
    workbench.manage("import_dataset", "folders", str(tmp_path), "--name", "own")
    assert workbench.client.get("/api/v1/datasets/own/").status_code == 200
    assert workbench.visitor.get("/api/v1/datasets/own/").status_code == 404
    assert workbench.visitor.get("/datasets/own/").status_code == 404


def test_the_jobs_of_all_this_can_be_followed(workbench, demo):
    for kind in ("stylize", "import", "evaluate"):
        jobs = workbench.client.get("/api/v1/jobs/", params={"kind": kind}).json()["results"]
        assert jobs and all(job["kind"] == kind and job["state"] for job in jobs)
    assert workbench.visitor.get("/jobs/").status_code == 200 and workbench.visitor.get("/workers/").status_code == 200

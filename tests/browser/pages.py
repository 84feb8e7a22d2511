"""The addresses that the walks over the whole site go to: every page, also those of a sketch, an evaluation, and a training.

The API docs are left out: what is inside them is Swagger UI's.
"""

from typing import Any

from tests.browser.test_every_page import PAGES

MORE = [
    "/sets/", "/datasets/demo/statistics/", "/datasets/demo/duplicates/", "/datasets/demo/filter/", "/datasets/import/",
    "/results/curve/", "/results/scatter/", "/results/choice/", "/results/comparison/", "/results/faces/",
    "/results/faces/mistakes/", "/results/faces/votes/", "/results/faces/votes/new/", "/evaluations/uploads/",
    "/account/", "/sketch/models/", "/sketch/history/", "/results/table/", "/recognitions/", "/recognitions/new/",
]  # fmt: skip
EVALUATION: dict[str, Any] = {
    "reference": {"dataset": "demo", "split": "test", "modality": "sketch"},
    "candidate": {"dataset": "demo", "split": "test", "modality": "photo"},
    "extractor": "dlib.face128",
    "metrics": ["fid", "ssim"],
}
TRAINING: dict[str, Any] = {
    "preset": "pix2pix.tiny", "dataset": "demo", "options": {"epochs": 2, "checkpoint_every": 1},
}  # fmt: skip


def all_pages(workbench) -> list[str]:
    """Once something has been made of everything, the addresses of all pages; for who is signed in."""
    if not hasattr(workbench, "all_pages"):
        workbench.all_pages = [*PAGES, *MORE, *_made(workbench)]
    return workbench.all_pages


def _made(workbench) -> list[str]:
    client = workbench.client
    images = client.get("/api/v1/images/", params={"dataset": "demo", "modality": "photo"}).json()["results"]
    photo = client.get(images[0]["file"]).content
    sketch = client.post("/api/v1/stylizations/", files={"photo": ("me.png", photo)}).raise_for_status().json()
    failed = client.post("/api/v1/stylizations/", files={"photo": ("none.png", _no_face())}).raise_for_status().json()
    evaluation = client.post("/api/v1/evaluations/", json=EVALUATION).raise_for_status().json()
    training = client.post("/api/v1/trainings/", json=TRAINING).raise_for_status().json()
    group = client.post(f"/api/v1/stylizations/{sketch['id']}/all/").raise_for_status().json()
    together = group["page"].removeprefix(workbench.url)
    jobs = [
        str(body["job"]["id"] if isinstance(body["job"], dict) else body["job"])
        for body in (sketch, evaluation, training)
    ]
    for job in jobs:
        state = workbench.wait_for_job(job, 280)
        assert state["state"] == "succeeded", state
    return [
        f"/sketch/{sketch['id']}/", f"/sketch/{sketch['id']}/adjust/", together, f"/sketch/{failed['id']}/",
        f"/evaluations/{evaluation['id']}/", f"/trainings/{training['id']}/",
        f"/jobs/{jobs[1]}/", f"/datasets/demo/images/{images[0]['id']}/", f"/datasets/demo/images/{images[0]['id']}/landmarks/",
        f"/datasets/demo/images/{images[0]['id']}/?view=overlay",
    ]  # fmt: skip


def _no_face() -> bytes:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(stream, "PNG")
    return stream.getvalue()

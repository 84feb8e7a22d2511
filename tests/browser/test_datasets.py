"""Working with a dataset in Chromium: comparing a pair, moving a landmark, filtering, keeping a selection, sending a zip."""

import io
import zipfile

import pytest
from PIL import Image

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]


def first_photo(workbench) -> dict:
    return workbench.visitor.get("/api/v1/images/", params={"dataset": "demo", "modality": "photo"}).json()["results"][
        0
    ]


def test_a_pair_is_compared_by_key_and_the_view_stands_in_the_address(workbench, demo, open_page, screenshot):
    page = open_page()
    page.goto(f"/datasets/demo/images/{first_photo(workbench)['id']}/")
    screenshot(page, "pair")
    for key, view in (("o", "overlay"), ("d", "difference"), ("f", "flicker"), ("s", "side")):
        page.keyboard.press(key)
        page.wait_for_function(
            "view => new URL(location).searchParams.get('view') === view || view === 'side' && !location.search.includes('view=')",
            arg=view,
        )
        page.wait_for_load_state("load")
    here = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_function("here => location.pathname !== new URL(here).pathname", arg=here)


def test_a_landmark_is_moved_by_keyboard_undone_and_saved(workbench, demo, open_page, screenshot):
    image = workbench.visitor.get("/api/v1/images/", params={"dataset": "demo", "modality": "sketch"}).json()[
        "results"
    ][3]
    page = open_page(signed_in=True)
    page.goto(f"/datasets/demo/images/{image['id']}/landmarks/")
    x = page.locator("main input[type=number], main table input").first
    before = float(x.input_value())
    page.locator("svg [tabindex='0']").first.focus()
    page.keyboard.press("ArrowRight")
    assert float(x.input_value()) == pytest.approx(before + 1, abs=0.01)
    page.keyboard.press("Control+z")
    assert float(x.input_value()) == pytest.approx(before, abs=0.01)
    page.keyboard.press("Shift+ArrowRight")
    screenshot(page, "landmarks")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state("load")
    workbench.wait_until(
        lambda: workbench.client.get(f"/api/v1/images/{image['id']}/").json()["landmark_source"] == "corrected",
        10,
        "the corrected points",
    )
    after = workbench.client.get(f"/api/v1/images/{image['id']}/").json()["five"]
    assert after[0][0] == pytest.approx(image["five"][0][0] + 10, abs=0.02)


def test_the_filter_judges_every_picture_and_shows_what_other_values_would_keep(workbench, demo, open_page, screenshot):
    page = open_page(signed_in=True)
    page.goto("/datasets/demo/filter/")
    page.locator("main form").get_by_role("button", name="Filter").first.click()
    page.get_by_role("heading", name="What is kept").wait_for(timeout=60_000)
    page.wait_for_load_state("load")
    assert page.locator("main table tbody tr").count() >= 8, "one row for each r from 0.05 to 0.40"
    screenshot(page, "filter")
    judged = workbench.client.get("/api/v1/images/", params={"dataset": "demo", "verdict": "kept"}).json()["count"]
    refused = workbench.client.get("/api/v1/images/", params={"dataset": "demo", "verdict": "rejected"}).json()["count"]
    assert judged + refused == 96


def test_a_selection_becomes_a_named_set(workbench, demo, open_page):
    page = open_page(signed_in=True)
    page.goto("/datasets/demo/")
    page.wait_for_load_state("networkidle")
    boxes = page.locator("[data-grid] input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    page.get_by_placeholder("name of a new set").fill("three-faces")
    page.get_by_role("button", name="Save as a set").click()
    page.wait_for_url("**/sets/three-faces/**")
    answer = workbench.client.get("/api/v1/image-sets/three-faces/").json()
    assert answer["size"] in {6, 9}, "three pairs, with or without the caricatures"


def test_a_zip_is_uploaded_and_its_import_watched(workbench, open_page, tmp_path):
    file = tmp_path / "own.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for folder in ("photos", "sketches"):
            for number in range(4):
                picture = io.BytesIO()
                Image.new("RGB", (60, 75), (60 * number, 40 if folder == "photos" else 200, 90)).save(picture, "PNG")
                archive.writestr(f"{folder}/{number}.png", picture.getvalue())
        archive.writestr("photos/broken.png", b"no picture")
    page = open_page(signed_in=True)
    page.goto("/datasets/import/")
    form = page.locator("form[enctype]")
    form.locator("select").select_option("folders")
    form.locator("input[type=text]").fill("zipped")
    form.locator("input[type=file]").set_input_files(file)
    form.get_by_role("button", name="Upload and import").click()
    page.wait_for_url("**/datasets/zipped/imports/*/")
    page.get_by_text("broken.png").first.wait_for(timeout=60_000)
    assert workbench.client.get("/api/v1/datasets/zipped/").json()["pairs"] == 4

"""The uses of the workbench as a person does them, in Chromium."""

import pytest

from tests.browser.waiting import until

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
EVALUATION = {
    "reference": {"dataset": "demo", "split": "all", "modality": "sketch"},
    "candidate": {"dataset": "demo", "split": "all", "modality": "photo"},
    "extractor": "dlib.face128",
    "metrics": ["fid"],
}


def photo_file(workbench, folder):
    image = workbench.visitor.get("/api/v1/images/", params={"dataset": "demo", "modality": "photo"}).json()["results"][
        2
    ]
    file = folder / "portrait.png"
    file.write_bytes(workbench.visitor.get(image["file"]).content)
    return file


def test_a_visitor_browses_from_the_home_page_to_a_picture(workbench, demo, open_page, screenshot):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="Browse the datasets").click()
    page.get_by_role("link", name="Demo faces").first.click()
    page.wait_for_load_state("networkidle")
    assert page.locator("img").count() >= 72
    until(
        page,
        "[...document.images].filter(i => i.getBoundingClientRect().top < innerHeight).every(i => i.naturalWidth > 0)",
    )
    screenshot(page, "browse")
    page.select_option("select[name=split]", "test")  # the form sends itself
    page.wait_for_url("**split=test**")
    page.wait_for_load_state("networkidle")
    page.reload()
    assert page.locator("select[name=split]").input_value() == "test"
    page.locator("main a:has(img)").first.click()
    until(page, "location.pathname.includes('/images/') || location.pathname.includes('/subjects/')")


def test_arrow_keys_walk_through_the_grid_and_enter_opens(workbench, demo, open_page):
    page = open_page()
    page.goto("/datasets/demo/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowRight")
    first = page.evaluate("document.activeElement.href || document.activeElement.querySelector('a')?.href")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.href || document.activeElement.querySelector('a')?.href")
    assert first and second and first != second
    page.keyboard.press("Enter")
    page.wait_for_url("**/demo/*/**")
    assert page.url.split("?")[0] in second


def test_an_uploaded_face_becomes_a_sketch_with_a_slider(workbench, demo, open_page, screenshot, tmp_path):
    page = open_page()
    page.goto("/sketch/")
    page.set_input_files("input[type=file]", photo_file(workbench, tmp_path))
    page.get_by_role("button", name="Draw the sketch").click()
    page.wait_for_url("**/sketch/*-*/**")
    slider = page.locator("input[type=range]").first
    slider.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    slider.focus()
    before = slider.input_value()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != before, "the slider moves by keyboard"
    page.locator(".quality details").wait_for(timeout=60_000)
    screenshot(page, "sketch")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    assert download.value.suggested_filename.endswith(".png")
    polls = []
    page.on("request", lambda request: polls.append(request.url) if "/live/" in request.url else None)
    page.wait_for_timeout(2500)
    assert polls == [], "a finished page asks no more"


def test_an_evaluation_is_submitted_watched_and_found_among_the_results(workbench, demo, open_page, screenshot):
    page = open_page(signed_in=True)
    page.goto("/evaluations/new/")
    page.select_option("#id_candidate_split", "test")
    page.select_option("#id_reference_split", "test")
    page.get_by_text("8 pictures").first.wait_for()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/evaluations/*-*/")
    own = page.url.rstrip("/").split("/")[-1]

    def value() -> float | None:
        rows = workbench.client.get("/api/v1/results/", params={"metric": "fid"}).json()["results"]
        return next((row["value"] for row in rows if row["evaluation"] == own), None)

    workbench.wait_until(lambda: value() is not None, 90, "the result")
    # The page has noticed by itself, without being loaded again.
    page.locator("main").get_by_text(f"{value():.3f}"[:5]).first.wait_for()
    page.wait_for_load_state("networkidle")
    screenshot(page, "evaluation")
    body = workbench.client.post("/api/v1/evaluations/", json=EVALUATION).json()
    workbench.wait_for_job(str(body["job"]["id"] if isinstance(body["job"], dict) else body["job"]))
    page.goto("/results/")
    assert page.locator("table tbody tr").count() >= 2
    screenshot(page, "results")
    page.goto("/jobs/")
    page.locator("main a[href^='/jobs/']").first.wait_for()
    screenshot(page, "jobs")


def test_a_job_is_cancelled_from_its_page(workbench, open_page):
    ids = workbench.scenario("slow", "60")["ids"]
    page = open_page(signed_in=True)
    page.goto(f"/jobs/{ids[0]}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    assert workbench.wait_for_job(ids[0], 20)["state"] == "cancelled"
    page.get_by_text("Cancelled").first.wait_for()


def test_signing_in_by_the_link_works_once(workbench, open_page):
    link = workbench.manage("sign_in_link").strip().split()[-1]
    path = "/" + link.split("/", 3)[3]
    page = open_page()
    page.goto(path)
    page.locator("main form button").first.click()
    page.goto("/account/")
    page.get_by_text("admin").first.wait_for()
    again = workbench.visitor.get(path)
    assert again.status_code in {200, 404, 410} and "csrfmiddlewaretoken" not in again.text.split("<main", 1)[1]

"""Two drawings in one place, and blind votes, as a person uses them."""

import pytest

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
PART = {"dataset": "demo", "split": "test"}
EVALUATION = {
    "reference": {**PART, "modality": "sketch"},
    "candidate": {**PART, "modality": "photo"},
    "metrics": ["ssim"],
}
TEST = {
    "question": "drawing",
    "photos": {**PART, "modality": "photo"},
    "candidates": [{**PART, "modality": "sketch"}, {**PART, "modality": "photo"}],
    "faces": 4,
    "per_voter": 3,
}


def narrow(page) -> None:
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} scrolls sideways"


def seen(page) -> str:
    """The pictures of the flicker that can be seen now."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-flicker] img")]
             .filter(e => e.checkVisibility({visibilityProperty: true})).map(e => e.alt).join(" | ")"""
    )


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_two_versions_of_a_face_alternate_in_one_place(workbench, demo, open_page, screenshot, width, scheme):
    evaluation = workbench.client.post("/api/v1/evaluations/", json=EVALUATION).raise_for_status().json()
    assert workbench.wait_for_job(str(evaluation["job"]["id"]))["state"] == "succeeded"
    page = open_page(width=width, scheme=scheme)
    page.goto(f"/results/faces/?evaluation={evaluation['id']}&map=ssim")
    narrow(page)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.querySelectorAll('.face-row:first-child img')].every(i => i.naturalWidth > 0)")
    screenshot(page, f"faces-{width}-{scheme}")
    page.locator(".face-row a").first.click()
    page.locator(".flicker.is-ready").wait_for()
    narrow(page)
    page.locator(".flicker.is-second").wait_for()  # it alternates by itself
    page.get_by_role("button", name="Stop").click()
    one = seen(page)
    assert one == "Reference"
    hold = page.get_by_role("button", name="Hold to see the second")
    hold.hover()
    page.mouse.down()
    second = seen(page)
    page.mouse.up()
    assert second not in ("", one) and " | " not in second and seen(page) == one
    page.locator("h1").click()
    page.keyboard.down(" ")
    assert seen(page) == second
    page.keyboard.up(" ")
    assert seen(page) == one
    key = page.locator("h1").inner_text()
    page.keyboard.press("ArrowRight")
    page.locator("h1", has_not_text=key).wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator("h1", has_text=key).wait_for()


def test_a_visitor_votes_by_click_and_by_key_and_takes_an_answer_back(workbench, demo, open_page, screenshot):
    test = workbench.client.post("/api/v1/preferences/", json=TEST).raise_for_status().json()
    page = open_page(width=360)
    page.goto(test["vote_url"])
    narrow(page)
    screenshot(page, "vote-begin")
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("1 of 3").wait_for()
    narrow(page)
    screenshot(page, "vote")
    page.locator(".vote-left").click()
    page.get_by_text("2 of 3").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_text("3 of 3").wait_for()
    page.wait_for_load_state("networkidle")  # the pictures of a question go with it
    page.get_by_role("button", name="Take the last answer back").click()
    page.get_by_text("2 of 3").wait_for()
    page.keyboard.press("ArrowDown")
    page.get_by_text("3 of 3").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("You have answered all questions").wait_for()
    results = f"/api/v1/preferences/{test['id']}/results/"
    assert workbench.visitor.get(results).status_code == 403
    found = workbench.client.get(results).raise_for_status().json()
    assert (found["votes"], found["voters"]) == (3, 1)
    assert sum(map(sum, found["ties"])) == 2  # one tie, counted from both sides
    workbench.client.patch(test["url"], json={"closed": True}).raise_for_status()
    page.goto(f"/results/faces/votes/{test['id']}/results/")
    page.get_by_role("heading", name="One against the other").wait_for()
    narrow(page)
    screenshot(page, "vote-results")

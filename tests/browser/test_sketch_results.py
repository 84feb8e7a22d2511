"""The result of a sketch as a person looks at it: three ways to compare, all models under one zoom, the own list."""

import pytest

from tests.browser.test_sketch_inputs import drop, face, narrow, png

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]


def test_a_sketch_is_compared_drawn_by_all_models_and_found_again(workbench, open_page, screenshot):
    page = open_page(width=360, scheme="dark")
    page.goto("/sketch/")
    drop(page, {"me.png": png(face(0))})
    page.get_by_role("button", name="Draw the sketch").click()
    slider = page.locator("[data-slider].is-ready input")
    slider.wait_for(timeout=60_000)
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "51"
    page.get_by_role("link", name="Switch").click()
    assert page.url.endswith("?view=toggle")
    photo = page.locator(".switch-photo")
    assert not photo.is_visible()
    page.get_by_label("Show the photo instead of the sketch").press("Space")
    assert photo.is_visible()
    page.locator(".quality details").wait_for(timeout=60_000)
    narrow(page)
    screenshot(page, "sketch-result-360")
    page.reload()
    assert page.locator(".view-toggle").is_visible() and not page.locator(".view-side").is_visible()

    page.get_by_role("button", name="All models at once").click()
    page.wait_for_url("**/sketch/together/**")
    pictures = page.locator(".together-row a .zoomed")
    pictures.nth(1).wait_for(timeout=60_000)
    zoom = page.get_by_label("Zoom")
    zoom.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.get_by_label("Left to right").is_visible()
    scales = {pictures.nth(n).locator("img").first.evaluate("e => getComputedStyle(e).transform") for n in range(2)}
    assert scales == {"matrix(2, 0, 0, 2, 0, 0)"}
    narrow(page)
    screenshot(page, "sketch-together-360")

    page.goto("/sketch/history/")
    page.get_by_role("checkbox").first.check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the chosen ones").click()
    page.get_by_text("1 sketch and its photo were deleted").wait_for()
    narrow(page)

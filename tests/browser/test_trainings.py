"""A training from the form to its faces, in a browser: two steps tried, trained, watched, looked back at."""

import re

import pytest

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
PREPARED = "/trainings/new/?preset=pix2pix.tiny&dataset=demo&option_checkpoint_every=10"


@pytest.mark.timeout(600)
def test_a_training_is_submitted_followed_and_looked_back_at(workbench, demo, open_page, screenshot):
    page = open_page(signed_in=True)
    page.set_default_timeout(120_000)
    page.goto(PREPARED)
    page.get_by_label("Epochs", exact=True).fill("30")
    page.get_by_label("Epochs", exact=True).blur()
    assert "is-changed" in page.locator("[data-option]", has=page.locator("#id_epochs")).get_attribute("class")
    page.wait_for_url(re.compile("option_epochs=30"))  # the choice can be passed on as a link
    page.get_by_text("steps in all").wait_for()
    page.get_by_role("button", name="Try two steps").click()
    page.get_by_text("for the whole training").wait_for()
    screenshot(page, "training-new")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile(r"/trainings/[0-9a-f-]{36}/"))
    page.locator(".chart canvas").first.wait_for()
    page.locator(".state-succeeded").first.wait_for()
    page.locator("[data-checkpoint]").nth(2).wait_for()
    assert page.locator("#samples-heading").inner_text().endswith("after epoch 30")
    face = page.locator("[data-sample]").first
    newest = face.get_attribute("src")
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    assert face.get_attribute("src") != newest
    assert page.locator("#samples-heading").inner_text().endswith("after epoch 20")
    address = page.url
    assert "checkpoint=" in address
    assert page.evaluate("[...document.querySelectorAll('.sample img')].every(i => i.complete && i.naturalWidth > 0)")
    page.get_by_role("button", name="logarithmic").click()
    assert "scale=log" in page.url
    screenshot(page, "training")
    phone = open_page(width=360, scheme="dark", signed_in=True)
    phone.goto(address)
    phone.locator(".chart canvas").first.wait_for()
    assert phone.locator("#samples-heading").inner_text().endswith("after epoch 20")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_losses_and_faces_can_be_seen_without_javascript(workbench, demo, browser):
    runs = workbench.client.get("/api/v1/trainings/").json()["results"]
    assert runs, "the test above trained one"
    context = browser.new_context(base_url=workbench.url, java_script_enabled=False)
    page = context.new_page()
    assert page.goto(runs[0]["page"]).status == 200
    page.get_by_text("As a table").click()
    assert page.locator(".chart-table tbody tr").count() > 1
    page.get_by_role("link", name="Earlier").click()
    assert page.locator("#samples-heading").inner_text().endswith("after epoch 20")
    context.close()

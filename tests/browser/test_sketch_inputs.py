"""The ways a photo comes in, as a person uses them: several dropped at once, the camera, a face chosen, points moved."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from datasetviewer.drawing import draw_photo, person_parameters
from tests.browser.waiting import until

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
DROP = """([names, contents]) => {
    const transfer = new DataTransfer();
    names.forEach((name, n) => {
        const bytes = Uint8Array.from(atob(contents[n]), letter => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: name.endsWith('.gif') ? 'image/gif' : 'image/png' }));
    });
    document.querySelector('[data-drop]').dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
CAMERA = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def face(number: int) -> Image.Image:
    return draw_photo(person_parameters(number, seed=0)).convert("RGB").resize((400, 500))


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def drop(page, files: dict[str, bytes]) -> None:
    page.evaluate(DROP, [list(files), [base64.b64encode(content).decode() for content in files.values()]])


def two_faces() -> bytes:
    scene = Image.new("RGB", (900, 520), "white")
    scene.paste(face(0), (10, 10))
    scene.paste(face(3), (480, 10))
    return png(scene)


def narrow(page) -> None:
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} scrolls sideways"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_several_photos_are_dropped_and_all_are_drawn(workbench, open_page, screenshot, width, scheme):
    page = open_page(width=width, scheme=scheme)
    page.goto("/sketch/")
    drop(page, {"one.png": png(face(0)), "moving.gif": b"GIF89a", "two.png": png(face(3)), "three.png": png(face(4))})
    page.get_by_text("moving.gif: Only JPEG, PNG and WebP").wait_for()
    chosen = page.locator("[data-chosen] li")
    assert chosen.count() == 3
    page.get_by_role("button", name="Remove three.png").click()
    assert chosen.count() == 2
    assert page.get_by_role("button", name="Remove two.png").evaluate("e => e === document.activeElement")
    narrow(page)
    screenshot(page, f"sketch-several-{width}")
    page.get_by_role("button", name="Draw the sketch").click()
    page.wait_for_url("**/sketch/together/**")
    until(page, "document.querySelectorAll('main img[src*=\"/sketch\"]').length >= 2", seconds=60)
    narrow(page)


def test_a_face_of_a_group_is_chosen_by_key_and_the_points_moved_with_the_crop_following(
    workbench, open_page, screenshot
):
    page = open_page()
    page.goto("/sketch/")
    drop(page, {"both.png": two_faces()})
    page.get_by_role("button", name="Draw the sketch").click()
    page.wait_for_url("**/sketch/*-*/")
    page.get_by_role("button", name="Draw face 2 of 2").wait_for(timeout=60_000)
    screenshot(page, "sketch-which")
    page.goto(page.url + "adjust/")
    box = page.get_by_role("link", name="Face 2 of 2")
    box.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**?face=1")
    until(page, "document.querySelector('[data-crop-frame]').getAttribute('points')")
    screenshot(page, "sketch-adjust")
    preview = "document.querySelector('[data-preview]').toDataURL()"
    before, x = page.evaluate(preview), float(page.locator("[name=x1]").input_value())
    page.locator("[data-point='1']").focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert float(page.locator("[name=x1]").input_value()) == pytest.approx(x - 10)
    until(page, f"{preview} !== {before!r}")
    grip = page.locator("[data-point='2'] .point-grip").bounding_box()
    right = float(page.locator("[name=x2]").input_value())
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + grip["width"] / 2 + 30, grip["y"] + grip["height"] / 2, steps=4)
    page.mouse.up()
    assert float(page.locator("[name=x2]").input_value()) > right + 5
    page.get_by_role("button", name="Draw this face").click()
    page.wait_for_url(lambda url: "adjust" not in url)
    page.locator("img[src*='sketch']").first.wait_for(timeout=60_000)


def test_the_preview_is_the_crop_that_is_drawn(workbench, open_page):
    """The canvas and the engine agree: the same face lies at the same place, to a grey level or so."""
    page = open_page()
    page.goto("/sketch/")
    drop(page, {"tilted.png": png(face(0).rotate(14, Image.Resampling.BICUBIC, expand=True, fillcolor="white"))})
    page.get_by_role("button", name="Draw the sketch").click()
    page.wait_for_url("**/sketch/*-*/")
    page.locator("img[src*='sketch.png']").first.wait_for(timeout=60_000)
    address = page.url
    aligned = Image.open(io.BytesIO(page.request.get(f"{address}files/aligned.png").body())).convert("L")
    page.goto(f"{address}adjust/")
    until(page, "document.querySelector('[data-crop-frame]').getAttribute('points')")
    data = page.evaluate("document.querySelector('[data-preview]').toDataURL()").split(",")[1]
    preview = Image.open(io.BytesIO(base64.b64decode(data))).convert("L")
    inside = (60, 150, 340, 450)
    one, other = (np.asarray(picture.crop(inside), dtype=float) for picture in (aligned, preview))
    assert np.abs(one - other).mean() < 3


def test_a_photo_is_taken_by_the_camera_looked_at_and_taken_again(workbench, browser):
    own = browser.browser_type.launch(executable_path=browser_path(), args=CAMERA)
    context = own.new_context(base_url=workbench.url, permissions=["camera"])
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/sketch/")
    page.get_by_role("button", name="Use the camera").click()
    until(page, "document.querySelector('[data-live]').videoWidth > 0")
    page.get_by_role("button", name="Take the photo").click()
    page.get_by_role("button", name="Take it again").click()
    page.get_by_role("button", name="Take the photo").click()
    page.get_by_role("button", name="Use this photo").click()
    page.get_by_text("camera.jpg ·").wait_for()
    assert page.evaluate("document.querySelector('#photo').files.length") == 1
    assert page.evaluate("document.querySelector('[data-live]').srcObject") is None, "the camera is off again"
    assert complaints == []
    own.close()


def test_without_a_camera_the_page_says_so(workbench, open_page):
    page = open_page()
    page.goto("/sketch/")
    page.get_by_text("No camera was found").wait_for()
    assert not page.get_by_role("button", name="Use the camera").is_visible()


def browser_path() -> str:
    from tests.browser.conftest import CHROMIUM

    assert CHROMIUM is not None
    return CHROMIUM

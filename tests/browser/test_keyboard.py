"""The site by keyboard alone: every stop of the Tab key can be seen, the way goes on to the end, and the menu can be skipped."""

import pytest

from tests.browser.pages import all_pages
from tests.browser.waiting import until

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
MOST_STOPS = 400
# What stands under the focus, and how one sees that it does. The mark may be drawn by the element itself, by what it labels,
# or by a frame around it.
STOP = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  window.stops = window.stops || new Map();
  const again = window.stops.has(element);
  window.stops.set(element, true);
  const marked = one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
           || style.boxShadow !== "none" && one.matches(":focus-visible");
  };
  const around = [element, ...(element.labels || []), element.closest("label"), element.parentElement].filter(Boolean);
  const box = element.getBoundingClientRect(), shown = around.map(one => one.getBoundingClientRect())
    .some(one => one.width > 1 && one.height > 1 && one.bottom > 0 && one.top < innerHeight
                 && one.right > 0 && one.left < innerWidth);
  return {again, shown, marked: around.some(marked), html: element.outerHTML.slice(0, 160),
          box: [box.x, box.y, box.width, box.height].map(Math.round)};
}"""


@pytest.mark.parametrize("width", [1440, 360])
def test_the_tab_key_leads_through_every_page_and_every_stop_is_seen(workbench, demo, open_page, width):
    page = open_page(width=width, signed_in=True)
    page.emulate_media(reduced_motion="reduce")  # otherwise the page is still gliding to the focus when it is looked at
    faults: list[str] = []
    for path in all_pages(workbench):
        page.goto(path)
        page.wait_for_load_state("load")
        stops = 0
        while stops < MOST_STOPS:
            stops += 1
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if stop is None or stop["again"]:
                break
            if not stop["shown"]:
                faults.append(f"{path} ({width}) cannot be seen {stop['box']}: {stop['html']}")
            elif not stop["marked"]:
                faults.append(f"{path} ({width}) has no mark of the focus: {stop['html']}")
        else:
            faults.append(f"{path} ({width}) has more than {MOST_STOPS} stops")
        assert stops > 5, f"{path}: only {stops} stops"
        left = page.evaluate(
            """() => [...document.querySelectorAll("a[href],button,input,select,textarea,summary,[tabindex='0']")]
              .filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}) && e.type !== "hidden")
              .filter(e => !(e.type === "radio" && e.name)).filter(e => !window.stops.has(e)).map(e => e.outerHTML.slice(0, 120))"""
        )
        faults += [f"{path} ({width}) cannot be reached: {html}" for html in left]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def test_the_skip_link_comes_first_and_leads_past_the_menu(workbench, open_page):
    page = open_page()
    for path in ("/", "/sketch/", "/results/"):
        page.goto(path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        assert page.locator(".skip-link").bounding_box()["y"] >= 0, "it is seen once it has the focus"
        page.keyboard.press("Enter")
        until(page, "document.activeElement.id === 'content'")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_of_a_phone_and_the_account_menu_open_and_close_by_keyboard(workbench, open_page):
    page = open_page(width=360, signed_in=True)
    page.goto("/")
    page.locator(".navbar-toggler").focus()
    page.keyboard.press("Enter")
    page.locator("#main-menu.show").wait_for()
    page.locator(".site-tools .dropdown-toggle").focus()
    page.keyboard.press("Enter")
    page.locator(".dropdown-menu.show").wait_for()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className").startswith("dropdown-item")
    page.keyboard.press("Escape")
    page.locator(".dropdown-menu.show").wait_for(state="detached")
    assert "dropdown-toggle" in page.evaluate("document.activeElement.className")


def test_a_select_that_filters_is_walked_with_the_arrow_keys_and_the_focus_goes_on(workbench, demo, open_page):
    page = open_page()
    page.goto("/datasets/demo/")
    here = page.url
    focused = "document.activeElement.name || document.activeElement.id || document.activeElement.tagName"

    def choose() -> str:
        split = page.locator("select[name=split]")
        split.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(300)
        assert page.url == here, "nothing is sent on the way"
        assert split.input_value()
        return split.input_value()

    chosen = choose()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**split={chosen}**")
    until(page, f"({focused}) === 'split'")

    page.goto(here)
    chosen = choose()
    page.keyboard.press("Tab")
    page.wait_for_url(f"**split={chosen}**")
    until(page, f"!['split', 'BODY'].includes({focused})")
    assert page.evaluate("document.activeElement.form === document.querySelector('select[name=split]').form")

    page.goto("/datasets/demo/")
    assert page.evaluate(focused) == "BODY", "a page that was opened otherwise begins at its top"

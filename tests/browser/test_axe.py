"""Every page through axe (tests/browser/axe), in both schemes, languages and widths: no fault that keeps anybody out.

A page is loaded twice, wide in English and narrow in Chinese. Each time all rules are asked, then the colours are turned
round, and the rule that depends on them is asked again: four variants of every page for two loads.
"""

from pathlib import Path

import pytest

from tests.browser.pages import all_pages

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
AXE = Path(__file__).parent / "axe" / "axe.min.js"
BAD = ("moderate", "serious", "critical")
ASK = """async ([rules, bad]) => (await axe.run(document, {
  resultTypes: ["violations"], elementRef: false, ...(rules ? {runOnly: {type: "rule", values: rules}} : {}),
})).violations.filter(found => bad.includes(found.impact)).flatMap(found => found.nodes.map(
  node => `${found.id} (${found.impact}) ${node.target.join(" ")}: ${node.html.slice(0, 160)} | ` +
          [...node.any, ...node.all, ...node.none].map(check => check.message).join("; ").slice(0, 300)))"""
TURN = """scheme => { document.documentElement.dataset.bsTheme = scheme; document.getAnimations().forEach(one => one.finish()); }"""
OTHER = {"light": "dark", "dark": "light"}


def faults(page, rules: list[str] | None = None) -> list[str]:
    return page.evaluate(ASK, [rules, BAD])


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1440, "light", "en"), (360, "dark", "zh-CN")])
def test_axe_finds_nothing_serious_on_any_page(workbench, demo, open_page, width, scheme, locale):
    page = open_page(width=width, scheme=scheme, locale=locale, signed_in=True)
    page.add_init_script(path=AXE)
    found: list[str] = []
    checked = 0
    for path in all_pages(workbench):
        page.goto(path)
        page.wait_for_load_state("load")
        found += [f"{path} ({width}, {scheme}, {locale}) {fault}" for fault in faults(page)]
        page.evaluate(TURN, OTHER[scheme])
        found += [f"{path} ({width}, {OTHER[scheme]}, {locale}) {fault}" for fault in faults(page, ["color-contrast"])]
        checked += 2
    assert checked > 60
    assert not found, f"{len(found)} faults on {checked} variants of pages:\n" + "\n".join(found)


def test_axe_would_find_what_is_wrong(workbench, open_page):
    page = open_page()
    page.add_init_script(path=AXE)
    page.goto("/")
    assert faults(page) == []
    page.evaluate(
        """() => { const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend", "<p class='wrong'>faint</p><input><img src='/static/site/favicon.svg'>");
            document.querySelector(".wrong").style.color = "#ddd"; }"""
    )
    rules = {fault.split(" ", 1)[0] for fault in faults(page)}
    assert rules >= {"color-contrast", "label", "image-alt"}, rules

"""Every page on a phone and a desk, in both schemes and languages: no complaint of the browser, nothing wider than the screen."""

import pytest

pytestmark = [
    pytest.mark.live,
    pytest.mark.browser,
    pytest.mark.parametrize("workbench", ["embedded"], indirect=True),
]
PAGES = [
    "/", "/datasets/", "/datasets/demo/", "/datasets/demo/subjects/person-01/", "/sketch/", "/trainings/",
    "/trainings/new/", "/evaluations/", "/evaluations/new/", "/results/", "/jobs/", "/workers/", "/account/sign-in/",
]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(360, "light", "en"), (360, "dark", "zh-CN"), (1440, "dark", "en")]
)
def test_no_page_is_wider_than_the_screen_or_breaks_its_policy(workbench, demo, open_page, width, scheme, locale):
    page = open_page(width=width, scheme=scheme, locale=locale)
    for path in PAGES:
        answer = page.goto(path)
        page.wait_for_load_state("networkidle" if path not in {"/jobs/", "/workers/"} else "load")
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} scrolls sideways at {width} px"
        assert page.locator("h1").count() == 1, f"{path} has not exactly one main heading"
        theme = page.evaluate("document.documentElement.dataset.bsTheme")
        assert theme == scheme, path
        if locale == "zh-CN":
            assert page.evaluate("document.documentElement.lang").lower().startswith("zh"), path
            assert any(
                "\u4e00" <= letter <= "\u9fff"
                for letter in page.locator("h1").inner_text() + page.locator("nav").first.inner_text()
            )
        unnamed = page.evaluate(
            """[...document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea')]
               .filter(e => e.offsetParent !== null)
               .filter(e => !(e.innerText?.trim() || e.ariaLabel || e.title || e.labels?.length || e.value && e.type === 'submit'
                              || e.querySelector('img[alt]:not([alt=""])') || e.getAttribute('aria-labelledby')
                              || e.querySelector('.visually-hidden')))
               .map(e => e.outerHTML.slice(0, 120))"""
        )
        assert unnamed == [], f"{path}: controls without a name"
        images = page.evaluate("[...document.images].filter(i => !i.hasAttribute('alt')).length")
        assert images == 0, f"{path}: pictures without alt"


def test_the_api_page_lists_the_endpoints_under_the_strict_policy(workbench, open_page):
    page = open_page()
    page.goto("/api/docs/")
    page.get_by_text("/api/v1/evaluations/").first.wait_for(timeout=30_000)


def test_tables_can_be_read_without_javascript(workbench, demo, browser):
    context = browser.new_context(base_url=workbench.url, java_script_enabled=False)
    page = context.new_page()
    for path in ("/jobs/", "/results/", "/datasets/demo/"):
        assert page.goto(path).status == 200
        assert page.locator("main").inner_text().strip()
    assert page.locator("main img").count() >= 72
    context.close()

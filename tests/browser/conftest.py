"""A real browser (Debian's Chromium) on a real workbench; console errors and violations of the content policy fail the test.

WORKBENCH_SCREENSHOTS=docs/screenshots writes the README's pictures.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code of ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, workbench):
    """Call it for a new page: open_page(width=360, scheme="dark", signed_in=True)."""
    contexts, complaints = [], []

    def open_page(
        *, width: int = 1280, height: int = 900, scheme: str = "light", locale: str = "en", signed_in: bool = False
    ):
        context = browser.new_context(
            base_url=workbench.url, viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale
        )
        contexts.append(context)
        if signed_in:
            context.add_cookies([{"name": "sessionid", "value": session_key(workbench), "url": workbench.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == [], "the browser's console complained"


def session_key(workbench) -> str:
    """A session of the administrator, made once through the one-time sign-in link."""
    if not hasattr(workbench, "session"):
        import httpx

        with httpx.Client(base_url=workbench.url, follow_redirects=True, timeout=30) as client:
            link = workbench.manage("sign_in_link").strip().split()[-1]
            path = "/" + link.split("/", 3)[3]
            page = client.get(path)
            token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
            client.post(path, data={"csrfmiddlewaretoken": token}, headers={"Referer": workbench.url})
            workbench.session = client.cookies["sessionid"]
    return workbench.session


@pytest.fixture
def screenshot():
    """Keeps a picture of the page under the given name, where WORKBENCH_SCREENSHOTS says so."""
    folder = os.environ.get("WORKBENCH_SCREENSHOTS")

    def keep(page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return keep


@pytest.fixture
def demo(workbench):
    workbench.wait_until(
        lambda: workbench.visitor.get("/api/v1/images/", params={"dataset": "demo"}).json().get("count", 0) >= 72,
        180,
        "the demo dataset",
    )

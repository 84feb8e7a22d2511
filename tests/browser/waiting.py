"""Waiting for something in a page whose policy forbids to evaluate text there.

Playwright's wait_for_function evaluates its text inside the page as soon as it is not true at once; this asks from outside.
"""

import time


def until(page, expression: str, *, seconds: float = 20) -> None:
    """Return once the JavaScript expression is true; fail with it after some seconds."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came true: {expression}"
        time.sleep(0.05)

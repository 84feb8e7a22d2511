"""Model cards, which are Markdown files, as a page shows them."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_READER = MarkdownIt("js-default")  # knows tables; HTML inside a card is shown as text


def card_html(text: str) -> SafeString:
    """The card as HTML, without its first heading: the page has one."""
    first, _break, rest = text.lstrip().partition("\n")
    return mark_safe(_READER.render(rest if first.startswith("# ") else text))

"""The Simplified Chinese catalogue: complete, compiled, and what the pages show."""

import ast
import gettext
import importlib
import io
import pkgutil
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from PIL import Image

from datasetviewer import layouts
from mysite.stored_messages import MESSAGES
from tests.workers.jobs import make_job
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.images import read_photo

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
WITHOUT_CHINESE = {"API", "SHA-256", "AUC", "ROC", "CMC", "Rank-1", "Rank-5", "Rank-10"}
WITHOUT_CHINESE |= {"%(position)s of %(total)s", "%(n)s of %(of)s"}  # written 3 / 32
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Three English words in a row, of which the first looks like the beginning of a sentence or a phrase.
ENGLISH = re.compile(r"\b[A-Za-z][a-z]+,? [a-z]+,? [a-z]+\b")
PAGES = [
    "/", "/datasets/", "/datasets/drawn/", "/sketch/", "/results/", "/evaluations/", "/evaluations/new/", "/jobs/",
    "/workers/", "/nothing-here/",
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One text of a .po file; `plural` is None unless it counts something, `texts` has one entry a plural form."""

    context: str | None
    message: str
    plural: str | None
    texts: tuple[str, ...]
    fuzzy: bool

    @property
    def key(self) -> str:
        """As the compiled file names it."""
        return self.message if self.context is None else f"{self.context}\x04{self.message}"


def read_po(path: Path) -> list[Entry]:
    """The entries of a .po file without its header. Reads what msgmerge writes, no more of the format."""
    entries = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            found = re.match(r'(msg\w+(?:\[\d+\])?) (".*")$', line)
            if found:
                name = found[1]
                fields[name] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                fields[name] += ast.literal_eval(line)
        if fields.get("msgid"):
            texts = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
            fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines())
            entries.append(Entry(fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"), texts, fuzzy))
    return entries


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    found = read_po(CATALOGUE)
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def compiled() -> gettext.GNUTranslations:
    with CATALOGUE.with_suffix(".mo").open("rb") as stream:
        return gettext.GNUTranslations(stream)


def test_every_text_is_translated_and_none_is_a_guess(entries):
    assert [entry.message for entry in entries if not all(entry.texts)] == []
    assert [entry.message for entry in entries if entry.fuzzy] == []


def test_every_translation_is_in_chinese(entries):
    words = [entry for entry in entries if re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", entry.message))]
    left = [entry.message for entry in words if not CHINESE.search("".join(entry.texts))]
    assert set(left) <= WITHOUT_CHINESE


def test_counted_texts_have_the_one_form_of_chinese(entries):
    assert {len(entry.texts) for entry in entries} == {1}


def test_placeholders_agree(entries):
    for entry in entries:
        asked = set(PLACEHOLDER.findall(entry.message)) | set(PLACEHOLDER.findall(entry.plural or ""))
        assert set(PLACEHOLDER.findall(entry.texts[0])) == asked, entry.message


def test_marks_of_the_page_stay_in_the_text(entries):
    for entry in entries:
        assert re.findall(r"</?\w+>", entry.texts[0]) == re.findall(r"</?\w+>", entry.message), entry.message


def test_chinese_texts_end_with_chinese_punctuation(entries):
    wrong = [
        text for entry in entries for text in entry.texts if CHINESE.search(text) and re.search(r"[.?!:,;]$", text)
    ]
    assert wrong == []


def test_the_compiled_file_was_made_from_the_text_file(entries, compiled):
    held = {key[0] if isinstance(key, tuple) else key: text for key, text in compiled._catalog.items() if key}
    assert held == {entry.key: entry.texts[0] for entry in entries}


def test_every_catalogue_text_has_a_translation(compiled):
    tables = (catalogue.EXTRACTORS, catalogue.METRICS, catalogue.STYLIZERS)
    texts = [text for table in tables for one in table.values() for text in (one.title, one.note)]
    texts += list(catalogue.CAUTIONS.values())
    assert len(texts) > 8
    assert [text for text in texts if not CHINESE.search(compiled.gettext(text))] == []


def layout_facts(name: str) -> list[str]:
    """What every layout that has the fact says, e.g. TITLE or TERMS."""
    modules = [
        importlib.import_module(f"{layouts.__name__}.{one.name}") for one in pkgutil.iter_modules(layouts.__path__)
    ]
    return [getattr(module, name) for module in modules if getattr(module, name, "")]


def test_the_terms_of_every_dataset_have_a_translation(compiled):
    terms = layout_facts("TERMS")
    assert len(terms) >= 2
    assert [text for text in terms if text not in MESSAGES or compiled.gettext(text) == text] == []


@pytest.mark.parametrize(
    "head", [b"GIF89a", b"%PDF-1.4", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypisom", b"<svg>", b"text"]
)
def test_why_a_file_is_no_photo_is_said_in_chinese(head):
    with pytest.raises(InputError) as refusal:
        read_photo(io.BytesIO(head + b"\0" * 64))
    with override("zh-hans"):
        assert CHINESE.search(_(str(refusal.value))), str(refusal.value)


def test_a_damaged_photo_is_refused_in_chinese():
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(stream, "JPEG")
    with pytest.raises(InputError) as refusal:
        read_photo(io.BytesIO(stream.getvalue()[:600]))
    with override("zh-hans"):
        assert CHINESE.search(_(str(refusal.value))), str(refusal.value)


def test_an_animation_is_refused_in_chinese():
    stream = io.BytesIO()
    Image.new("RGB", (64, 64)).save(stream, "PNG", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")])
    with pytest.raises(InputError) as refusal:
        read_photo(stream)
    with override("zh-hans"):
        assert CHINESE.search(_(str(refusal.value))), str(refusal.value)


class Texts(HTMLParser):
    """What a reader sees or hears of a page: texts and spoken attributes, without commands, code and other languages."""

    SILENT = ("script", "style", "code", "pre")
    SPOKEN = ("title", "alt", "aria-label", "placeholder", "data-label", "data-confirm")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.headings: list[str] = []
        self._silent = 0
        self._heading = False

    def handle_starttag(self, tag, attrs):
        self._silent += tag in self.SILENT
        if tag == "h1":
            self._heading = True
            self.headings.append("")
        for name, value in attrs:
            if name in self.SPOKEN or name.startswith("data-text"):
                self.texts.append(value or "")

    def handle_endtag(self, tag):
        self._silent -= tag in self.SILENT
        self._heading = self._heading and tag != "h1"

    def handle_data(self, data):
        if not self._silent:
            self.texts.append(data)
        if self._heading:
            self.headings[-1] += data


@pytest.fixture
def something_of_everything(user):
    """A failed job with a known message, and a dataset that is drawn."""
    from datasetviewer.models import Dataset

    make_job(kind="stylize", state="failed", public=True, title="Draw the demo dataset", message="The sketch is ready.")
    Dataset.objects.create(slug="drawn", name="演示", layout="demo", public=True, drawn=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "signed_in"),
    [*product(PAGES, [False, True]), ("/account/sign-in/", False), ("/account/", True), ("/datasets/import/", True)],
)
def test_pages_are_in_chinese(client, user, something_of_everything, address, signed_in):
    if signed_in:
        client.force_login(user)
    page = Texts()
    page.feed(client.get(address, headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode())
    assert len(page.headings) == 1 and CHINESE.search(page.headings[0])
    names = layout_facts("TITLE")  # datasets keep their names
    english = [text.strip() for text in page.texts if ENGLISH.search(text)]
    assert [text for text in english if not any(name in text for name in names)] == []


@pytest.mark.django_db
def test_the_english_pages_would_be_found_out(client, something_of_everything):
    page = Texts()
    page.feed(client.get("/jobs/", headers={"accept-language": "en"}).content.decode())
    assert any(ENGLISH.search(text) for text in page.texts)


@pytest.mark.django_db
def test_stored_texts_are_shown_in_the_readers_language(client, something_of_everything):
    chinese = client.get("/jobs/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "绘制演示数据集" in chinese and "素描已完成" in chinese
    english = client.get("/jobs/", headers={"accept-language": "en"}).content.decode()
    assert "Draw the demo dataset" in english and "The sketch is ready." in english

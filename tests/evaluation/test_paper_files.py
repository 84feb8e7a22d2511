"""A paper table taken away: LaTeX, CSV and Markdown, and which numbers are marked in them."""

import csv
import io
import re

import pytest
from django.utils import timezone

from evaluation.models import Result
from evaluation.paper import texts
from evaluation.selectors.paper_tables import table_shown
from tests.evaluation.paper_fixtures import cell, filled, published_of_eight, table_maker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(dataset, pairs, tmp_path):
    return published_of_eight(dataset, pairs, tmp_path / "in")


@pytest.fixture
def make(dataset, pairs, user):
    return table_maker(user)


def copied(result, **changes):
    """Another number of the same cell, newer."""
    evaluation = result.evaluation
    result.pk = None
    for name, value in changes.items():
        setattr(result, name, value)
    Result.objects.filter(evaluation=evaluation, metric=result.metric).delete()
    result.created = timezone.now()
    result.save()


def test_bold_never_reaches_across_two_protocols_and_letters_tell_them_apart(make, run_jobs, user, published):
    table, shown = filled(make, run_jobs, user, "photo", "pencil", f"published:{published.pk}", columns=["ssim"])
    third = cell(shown, 2, "ssim").result
    copied(third, value=0.99, protocol="another00000", n_candidate=7)
    shown = table_shown(table, user)
    cells = [cell(shown, row, "ssim") for row in range(3)]
    assert [one.letter for one in cells] == ["a", "a", "b"]
    assert not cells[2].best and not cells[2].second  # alone in its protocol, however good
    assert sum(one.best for one in cells[:2]) == 1
    text = texts.table_latex(shown)
    assert r"\textbf{0.9900}" not in text and r"0.9900$^{b}$" in text
    assert "8, 8 / 7" in texts.caption(shown)
    assert "**0.9900**" not in texts.table_markdown(shown)


def test_latex_escapes_names_and_says_protocol_n_and_source(make, run_jobs, user, published):
    evil = r"\input{x} 50% $a_b$ #1 {~^}"
    candidates = [{"set": "photo", "label": evil}, f"published:{published.pk}"]
    _table, shown = filled(make, run_jobs, user, *candidates, name="A & B_1")
    text = texts.table_latex(shown)
    assert r"\input" not in text
    assert r"\textbackslash{}input\{x\} 50\% \$a\_b\$ \#1 \{\textasciitilde{}\textasciicircum{}\}" in text
    assert r"R\&D\_net 100\%$^{1}$" in text and r"A \& B\_1" in text
    assert r"\toprule" in text and r"\bottomrule" in text and r"\begin{tabular}{lrrr}" in text
    assert r"SSIM $\uparrow$" in text and r"FID (tests.colours) $\downarrow$" in text
    caption = re.search(r"\\caption\{(.*)\}\n", text)[1]
    assert "faces:test:sketch" in caption and "n = " in caption
    assert cell(shown, 0, "ssim").result.protocol in caption
    assert "https://example.org/r.zip" in caption and "8 of 10 pairs" in caption
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.replace(r"\&", "").count("&") for line in rows} == {3}


def test_csv_runs_no_formula_and_holds_every_number(make, run_jobs, user):
    _table, shown = filled(
        make, run_jobs, user, {"set": "photo", "label": '=HYPERLINK("x")'}, {"set": "pencil", "label": "@a, b"}
    )
    rows = list(csv.DictReader(io.StringIO(texts.table_csv(shown))))
    assert len(rows) == 6
    assert {row["method"] for row in rows} == {'\'=HYPERLINK("x")', "'@a, b"}
    first = next(row for row in rows if row["metric"] == "ssim")
    result = cell(shown, 0, "ssim").result
    assert float(first["value"]) == result.value and float(first["low"]) == result.low
    assert (first["protocol"], first["n_reference"], first["state"]) == (result.protocol, "8", "measured")
    assert {row["mark"] for row in rows} == {"best", ""}


def test_markdown_shows_marks_and_lets_no_name_be_markup(make, run_jobs, user, published):
    candidates = [{"set": "photo", "label": "a|b <script>[x](y)"}, f"published:{published.pk}"]
    _table, shown = filled(make, run_jobs, user, *candidates, columns=["ssim"])
    text = texts.table_markdown(shown)
    assert r"a\|b \<script\>\[x\](y)" in text
    assert "[R&amp;D\\_net 100%](<https://example.org/r.zip>)" in text
    assert text.count("**") == 2
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")}) == 1


def test_nlda_is_told_in_both_variants_with_their_deviations(make, run_jobs, user):
    """Eight pairs are too few for the numbers to say anything, but not for their places."""
    _table, shown = filled(make, run_jobs, user, "photo", columns=["nlda"])
    result = cell(shown, 0, "nlda").result
    details = result.details
    assert result.deviation_text == f"± {details['nlda_deviation']:.4f}"
    (note,) = [each for each in texts.notes(shown) if each.startswith("NLDA")]
    assert "over 20 draws, 4 persons train and 4 test" in note
    assert f"{result.value:.4f} {result.deviation_text}" in note and result.other_variant_text in note
    row = next(csv.DictReader(io.StringIO(texts.table_csv(shown))))
    assert float(row["deviation"]) == details["nlda_deviation"]
    assert float(row["mean_of_best"]) == details["nlda_mean_of_best"]

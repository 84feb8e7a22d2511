"""Numbers for a paper."""

import csv
import io
import statistics

import pytest

from workers.engine.study.tables import Cell, Column, best_cells, comma_separated, escaped, latex, spread

COLUMNS = [Column("Run"), Column("FID", lower_is_better=True), Column("rank-1", lower_is_better=False)]


def rows(*triples, protocol="p"):
    return [[Cell(name), Cell(f"{a}", a, protocol), Cell(f"{b}", b, protocol)] for name, a, b in triples]


def test_mean_and_deviation_are_those_of_the_statistics_module():
    found = spread([10.0, 12.0, 15.0])
    assert (found.mean, found.n) == (pytest.approx(statistics.mean([10, 12, 15])), 3)
    assert found.deviation == pytest.approx(statistics.stdev([10, 12, 15]))
    assert found.text == "12.3 ± 2.5"


def test_one_value_has_no_deviation_and_none_has_nothing():
    assert spread([3.14159]).text == "3.142"
    assert spread([]) is None


@pytest.mark.parametrize(
    ("values", "text"),
    [([100.0, 140.0], "120 ± 28"), ([0.5, 0.502], "0.5010 ± 0.0014"), ([2.0, 2.0], "2.000 ± 0.000")],
)
def test_the_digits_follow_the_deviation(values, text):
    assert spread(values).text == text


def test_the_best_is_found_by_direction_and_only_inside_a_protocol():
    table = rows(("a", 2.0, 0.5), ("b", 1.0, 0.9), protocol="p") + rows(("c", 0.1, 0.99), protocol="q")
    assert best_cells(COLUMNS, table) == {
        (1, 1),
        (1, 2),
    }  # c is alone in its protocol, so there is nothing to be best of


def test_equals_are_all_best():
    assert best_cells(COLUMNS, rows(("a", 1.0, 0.5), ("b", 1.0, 0.6))) == {(0, 1), (1, 1), (1, 2)}


def test_latex_has_rules_arrows_and_the_best_in_bold():
    text = latex(COLUMNS, rows(("pix2pix_a", 2.0, 0.5), ("b & c", 1.0, 0.9)), caption="50 % of #1", notes=["n = 338"])
    assert r"\usepackage{booktabs}" in text
    for rule in (r"\toprule", r"\midrule", r"\bottomrule"):
        assert text.count(rule) == 1
    assert r"Run & FID $\downarrow$ & rank-1 $\uparrow$ \\" in text
    assert r"pix2pix\_a & 2.0 & 0.5 \\" in text
    assert r"b \& c & \textbf{1.0} & \textbf{0.9} \\" in text
    assert r"\caption{50 \% of \#1}" in text
    assert r"\begin{tabular}{lrr}" in text
    assert "% n = 338" in text


def test_a_note_cannot_leave_its_comment():
    assert "\n\\input" not in latex(COLUMNS, [], caption="", notes=["a\n\\input{secret}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b%c&d#e$f", r"a\_b\%c\&d\#e\$f"), ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"), ("1 ± 2", r"1 $\pm$ 2"), ("two\nlines", "two lines"),
    ],
)  # fmt: skip
def test_what_latex_would_obey_is_escaped(text, expected):
    assert escaped(text) == expected


def test_csv_reads_back_and_no_cell_becomes_a_formula():
    text = comma_separated(["name", "value"], [["=1+1", -2.5], ['say "a,b"', None]])
    assert list(csv.reader(io.StringIO(text))) == [["name", "value"], ["'=1+1", "-2.5"], ['say "a,b"', ""]]

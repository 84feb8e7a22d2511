"""Which numbers are set in bold: never across protocols."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.selectors.paper_marks import Mark, marks_of
from evaluation.selectors.paper_tables import decimals_of

BEST, SECOND, NONE = Mark.BEST, Mark.SECOND, Mark.NONE


@pytest.mark.parametrize(
    ("cells", "lower", "expected"),
    [
        ([("3.0", "p"), ("1.0", "p"), ("2.0", "p")], True, [NONE, BEST, SECOND]),
        ([("3.0", "p"), ("1.0", "p"), ("2.0", "p")], False, [BEST, NONE, SECOND]),
        ([("3.0", "p"), ("1.0", "p")], True, [NONE, BEST]),  # of two the second is the last
        ([("1.0", "p")], True, [NONE]),  # nothing to be better than
        ([("1.0", "p"), ("2.0", "q")], True, [NONE, NONE]),
        ([("1.0", "p"), ("2.0", "q"), ("3.0", "q")], True, [NONE, BEST, NONE]),
        (
            [("1.0", "p"), ("1.0", "p"), ("2.0", "p")],
            True,
            [BEST, BEST, SECOND],
        ),  # written alike: a reader sees no difference
        ([("1.0", "p"), ("1.0", "p"), ("1.0", "p")], True, [BEST, BEST, BEST]),
        ([("-0.1", "p"), ("0.0", "p"), ("0.1", "p")], True, [BEST, SECOND, NONE]),
        ([], True, []),
    ],
)
def test_the_best_is_looked_for_within_one_protocol(cells, lower, expected):
    assert marks_of(cells, lower_is_better=lower) == expected


NUMBERS = st.lists(st.tuples(st.integers(-50, 50).map(lambda n: f"{n / 10:.1f}"), st.sampled_from("pqr")), max_size=12)


@settings(max_examples=200, deadline=None)
@given(NUMBERS, st.booleans())
def test_a_mark_never_depends_on_numbers_of_another_protocol(cells, lower):
    marks = marks_of(cells, lower_is_better=lower)
    for protocol in {protocol for _text, protocol in cells}:
        alone = [cell for cell in cells if cell[1] == protocol]
        here = [mark for mark, cell in zip(marks, cells, strict=True) if cell[1] == protocol]
        assert marks_of(alone, lower_is_better=lower) == here
        assert (BEST in here) == (len(alone) > 1)


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([167.53, 98.2], 1),
        ([0.4881, 0.43], 4),
        ([12.5], 2),
        ([12345.0], 0),
        ([], 4),
        ([0.0], 4),
        ([0.00001], 6),
        ([-0.002], 6),
    ],
)
def test_a_column_shows_four_digits_of_its_largest_number(values, decimals):
    assert decimals_of(values) == decimals

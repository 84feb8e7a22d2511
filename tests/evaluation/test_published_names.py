"""Which pair the file of a published result belongs to."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.services.published.names import APPENDED, COPIED, Fate, Known, matched_by_name, plain

PAIRS = [
    Known("CUHK/f-005-01", ("f-005-01", "F2-005-01-sz1"), "CUHK"),
    Known("CUHK/f1-005-01", ("f1-005-01", "f1-005-01-sz1"), "CUHK"),
    Known("AR/m-002-1", ("m-002-1", "Mp-002-1-sz1"), "AR"),
    Known("XM2VTS/000_1_1", ("000_1_1", "000_1_1_sz1"), "XM2VTS"),
]


def keys(*files, pairs=PAIRS):
    return [found.key for found in matched_by_name(files, pairs)]


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("f-005-01.png", "CUHK/f-005-01"),
        ("f1-005-01.jpg", "CUHK/f1-005-01"),
        ("F2-005-01-SZ1.PNG", "CUHK/f-005-01"),
        ("f2-005-01.jpg", "CUHK/f-005-01"),
        ("results/test_latest/images/m-002-1_fake_B.png", "AR/m-002-1"),
        ("mp-002-1_synthesized.jpg.png", "AR/m-002-1"),
        ("000_1_1-sz1_out.bmp", "XM2VTS/000_1_1"),
    ],
)
def test_a_file_is_known_by_the_name_of_its_photo_or_drawing_in_any_case(file, key):
    assert keys(file) == [key]


def test_two_people_whose_names_differ_in_one_digit_are_never_mixed_up():
    assert keys("f-005-01.png", "f1-005-01.png") == ["CUHK/f-005-01", "CUHK/f1-005-01"]


def test_numbered_files_belong_to_nobody():
    found = matched_by_name(["1.png", "2.png", "3.png"], PAIRS)
    assert {each.fate for each in found} == {Fate.UNMATCHED}
    assert "1" in found[0].reason


@pytest.mark.parametrize(
    "file", ["f-005-01_real_A.png", "f-005-01_real_B.png", "m-002-1_input.jpg", "f-005-01_real_A.jpg.png"]
)
def test_copies_of_inputs_are_no_results(file):
    (found,) = matched_by_name([file], PAIRS)
    assert (found.fate, found.key) == (Fate.COPY, "")


def test_a_picture_whose_own_name_ends_like_a_copy_is_still_a_result():
    assert keys("my_photo.png", pairs=[Known("my_photo", ("my_photo",))]) == ["my_photo"]


def test_a_name_of_several_pairs_is_settled_by_the_folder_or_not_at_all():
    twins = [Known("AR/m-1", ("m-1",), "AR"), Known("CUHK/m-1", ("m-1",), "CUHK")]
    (found,) = matched_by_name(["m-1.png"], twins)
    assert found.fate == Fate.AMBIGUOUS
    assert "AR/m-1, CUHK/m-1" in found.reason
    assert keys("out/cuhk/m-1.png", "out/ar/m-1.png", pairs=twins) == ["CUHK/m-1", "AR/m-1"]


def test_two_files_of_one_pair_belong_to_none():
    found = matched_by_name(["epoch1/f-005-01.png", "epoch2/f-005-01_fake_B.png", "m-002-1.png"], PAIRS)
    assert [each.fate for each in found] == [Fate.AMBIGUOUS, Fate.AMBIGUOUS, Fate.MATCHED]
    assert "epoch1/f-005-01.png, epoch2/f-005-01_fake_B.png" in found[0].reason


def test_a_name_that_is_nothing_but_an_ending_stays():
    assert plain("fake_B") == "fake_b"
    assert plain("_fake") == "_fake"


STEMS = st.text("abf019-_", min_size=1, max_size=8)
FILES = st.lists(
    st.tuples(st.sampled_from(["", "AR/", "x/"]), STEMS, st.sampled_from(["", "_fake_B", "-sz1"])), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(FILES, st.lists(STEMS, unique_by=str.casefold, max_size=8), st.randoms())
def test_each_file_has_one_fate_whatever_their_order_and_no_pair_two_files(parts, stems, random):
    files = list(dict.fromkeys(f"{folder}{stem}{ending}.png" for folder, stem, ending in parts))
    pairs = [Known(f"AR/{stem}", (stem,), "AR") for stem in stems]
    found = matched_by_name(files, pairs)
    assert [each.file for each in found] == files
    taken = [each.key for each in found if each.fate == Fate.MATCHED]
    assert len(taken) == len(set(taken))
    assert all(bool(each.key) == (each.fate == Fate.MATCHED) == (not each.reason) for each in found)
    shuffled = files[:]
    random.shuffle(shuffled)
    assert {each.file: each for each in matched_by_name(shuffled, pairs[::-1])}.keys() == {each.file for each in found}
    again = {each.file: (each.fate, each.key) for each in matched_by_name(shuffled, pairs)}
    assert again == {each.file: (each.fate, each.key) for each in found}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("abcdef0123-", min_size=3, max_size=8), unique=True, min_size=1, max_size=8),
    st.sampled_from(APPENDED),
)
def test_every_ending_that_programs_append_is_found_on_every_name(stems, ending):
    pairs = [Known(stem, (stem,)) for stem in stems if plain(stem) == stem]
    files = [f"{pair.key.upper()}_{ending}.png" for pair in pairs]
    assert [each.key for each in matched_by_name(files, pairs)] == [pair.key for pair in pairs]


def test_no_ending_says_both_that_a_file_is_a_result_and_that_it_is_none():
    assert not set(APPENDED) & set(COPIED)
    assert all(PurePosixPath(ending).name == ending == ending.casefold() for ending in (*APPENDED, *COPIED))

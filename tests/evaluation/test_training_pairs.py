import pytest

from evaluation.selectors.training_pairs import direction_of, held_out, pairs_chosen, pairs_of
from tests.evaluation.training_fixtures import add_pair, pair_dataset
from workers.engine.errors import InputError

PHOTO_SKETCH = ("photo", "sketch")


@pytest.fixture
def dataset(db):
    return pair_dataset()


def chosen(dataset, **more):
    asked = {"split": "train", "source": "", "direction": PHOTO_SKETCH, "validation_share": 0.4, "seed": 0} | more
    return pairs_chosen(dataset, **asked)


def test_pairs_come_in_the_direction_that_is_asked_for(dataset, django_assert_num_queries):
    with django_assert_num_queries(1):
        forward = pairs_of(dataset, split="train", source="", direction=PHOTO_SKETCH)
    assert [pair.key for pair in forward] == [f"train-{number:03d}" for number in range(5)]
    assert {pair.source.modality for pair in forward} == {"photo"}
    backward = pairs_of(dataset, split="train", source="", direction=("sketch", "photo"))
    assert [(pair.target.pk, pair.source.pk) for pair in backward] == [(p.source.pk, p.target.pk) for p in forward]
    assert forward[0].source_path.is_file()


def test_from_a_modality_to_itself_a_picture_is_its_own_target(dataset):
    pairs = pairs_of(dataset, split="all", source="", direction=("sketch", "sketch"))
    assert len(pairs) == 7
    assert all(pair.source == pair.target and pair.source.modality == "sketch" for pair in pairs)


def test_two_drawings_of_one_photo_are_two_pairs(dataset):
    add_pair(dataset, 50, sketches=2)
    keys = [pair.key for pair in pairs_of(dataset, split="train", source="", direction=PHOTO_SKETCH)]
    assert keys[-2:] == ["train-050", "train-050:2"]


def test_a_source_narrows_the_pairs(dataset):
    assert len(pairs_of(dataset, split="train", source="CUHK", direction=PHOTO_SKETCH)) == 2
    with pytest.raises(InputError, match="CUHK"):
        pairs_of(dataset, split="train", source="nowhere", direction=PHOTO_SKETCH)


def test_whole_persons_are_held_out_and_the_same_ones_each_time(dataset):
    for number in range(60, 64):
        add_pair(dataset, number, subject="many")
    for seed in range(5):
        first, second = chosen(dataset, seed=seed), chosen(dataset, seed=seed)
        assert [p.key for p in first.validation] == [p.key for p in second.validation]
        assert first.digest == second.digest
        assert not {p.subject for p in first.train} & {p.subject for p in first.validation}
        assert len(first.train) + len(first.validation) == 9
        assert first.validation
    assert len({tuple(p.key for p in chosen(dataset, seed=seed).validation) for seed in range(8)}) > 1


def test_nobody_is_held_out_without_a_share_and_one_person_always_stays(dataset):
    assert chosen(dataset, validation_share=0).validation == ()
    pairs = pairs_of(dataset, split="train", source="", direction=PHOTO_SKETCH)
    train, validation = held_out(pairs, share=1.0, seed=0)
    assert len(train) == 1 and len(validation) == 4


def test_the_digest_follows_the_pictures_learned_from(dataset):
    before = chosen(dataset, validation_share=0).digest
    add_pair(dataset, 70)
    assert chosen(dataset, validation_share=0).digest != before


def test_too_few_pairs_are_refused_with_what_the_dataset_holds(dataset):
    with pytest.raises(InputError, match=r"0 pairs photo to sketch in validation.*test 2, train 5"):
        chosen(dataset, split="validation")


@pytest.mark.parametrize("text", ["photo-sketch", "photo->sketch", "photo_to_sketch"])
def test_a_direction_is_read_however_its_arrow_is_written(text):
    assert direction_of(text) == PHOTO_SKETCH


@pytest.mark.parametrize("text", ["", "photo", "photo-", "A-B", "photo-sketch-photo"])
def test_what_is_no_direction_is_refused(text):
    with pytest.raises(InputError, match="direction"):
        direction_of(text)

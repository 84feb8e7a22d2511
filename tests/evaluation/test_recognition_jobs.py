"""The protocols from submission to stored numbers, against loops over the pictures of a drawn dataset."""

import numpy as np
import pytest

from datasetviewer.entries import unpack
from datasetviewer.models import Image, Protocol
from evaluation.models import RecognitionCurves
from evaluation.recognition import ProtocolTask
from tests.evaluation import tiny
from tests.evaluation.checkpoints import make_checkpoint
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import (
    FOLDS,
    PERSONS,
    plain_features,
    recognition_maker,
    sketch_dataset,
    value,
    web_dataset,
)
from workers.engine.errors import InputError
from workers.engine.features.extractors import NotUsable
from workers.models import JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(db):
    return web_dataset()


@pytest.fixture
def ask(user):
    return recognition_maker(user)


def features_by_end(dataset):
    """ "Person A/C00001" -> features."""
    images = Image.objects.filter(dataset=dataset).select_related("dataset")
    return {image.key.removeprefix("OriginalImages/").removesuffix(".png"): plain_features(image) for image in images}


def rate_auc(same, different, far):
    allowed = int(len(different) * far + 1e-9)
    threshold = sorted(different, reverse=True)[allowed]
    auc = np.mean([(a > b) + 0.5 * (a == b) for a in same for b in different])
    return np.mean([a > threshold for a in same]), auc


def test_the_restricted_protocol_gives_the_numbers_of_its_lists(web, ask, run_jobs):
    test, created = ask()
    assert created and test.scheme == "restricted" and test.n_parts == 3 and test.label == "unseen"
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.detail
    seen = features_by_end(web)
    rows = list(unpack(bytes(Protocol.objects.get(name="verification-restricted-view2").body.content)))
    aucs, rates = [], []
    for fold in FOLDS:
        scores = {"1": [], "0": []}
        for part, first, second, same in rows:
            if part == fold:
                scores[same].append(-np.linalg.norm(seen[first] - seen[second]))
        rate, auc = rate_auc(scores["1"], scores["0"], 0.01)
        assert value(test, "auc", fold).value == pytest.approx(auc)
        assert value(test, "vr@0.01", fold).value == pytest.approx(rate)
        assert value(test, "vr@0.01", fold).details["negatives"] == 18 == len(scores["0"])
        aucs.append(auc)
        rates.append(rate)
    assert value(test, "auc").value == pytest.approx(np.mean(aucs)) and np.std(aucs) > 0
    assert value(test, "auc").deviation == pytest.approx(np.std(aucs, ddof=1))
    assert value(test, "vr@0.01").value == pytest.approx(np.mean(rates))
    test.refresh_from_db()
    facts = {(fact["code"], fact["values"].get("measure")) for fact in test.facts}
    assert facts == {("few_negatives", "vr@0.001"), ("few_negatives", "vr@0.01")}  # 18 pairs: neither can be measured
    assert "less than one may be accepted" in test.caution_list[0].text
    curves = RecognitionCurves.objects.get(test=test)
    assert curves.roc["far"][0] == 0 and curves.roc["rate"][-1] == 1 and len(curves.roc["far"]) < 300
    worst = curves.confused["false_accepts"][0]
    people = [curves.pictures[str(worst[side])]["person"] for side in ("first", "second")]
    assert people[0] != people[1] and set(people) <= set(PERSONS)


def test_the_unrestricted_protocol_forms_all_pairs_of_the_counted_pictures(web, ask, run_jobs):
    test, _ = ask("verification-unrestricted-view2")
    run_jobs()
    seen = features_by_end(web)
    for fold, persons in FOLDS.items():
        first = [f"{person}/C{n:05d}" for person in persons for n in (1, 2, 3)]
        second = [f"{person}/P{n:05d}" for person in persons for n in (1, 2)]  # the list counts two photos
        scores = {True: [], False: []}
        for one in first:
            for other in second:
                same = one.split("/")[0] == other.split("/")[0]
                scores[same].append(-np.linalg.norm(seen[one] - seen[other]))
        assert value(test, "auc", fold).value == pytest.approx(rate_auc(scores[True], scores[False], 0.1)[1])
        assert value(test, "vr@0.01", fold).details["negatives"] == 12
    test.refresh_from_db()
    assert test.scheme == "unrestricted" and test.job.state == JobState.SUCCEEDED


def test_identification_gives_rank_1_and_10_and_the_curve(web, ask, run_jobs):
    test, _ = ask("identification-c2p-view2")
    run_jobs()
    seen = features_by_end(web)
    gallery = {person: seen[f"{person}/P00001"] for person in PERSONS}
    ranks = []
    for person in PERSONS:
        for number in (1, 2):
            probe = seen[f"{person}/C{number:05d}"]
            distances = {other: np.linalg.norm(probe - found) for other, found in gallery.items()}
            ranks.append(1 + sum(d <= distances[person] for other, d in distances.items() if other != person))
    for fold in FOLDS:  # the folds of this list are alike
        assert value(test, "rank1", fold).value == pytest.approx(np.mean([rank == 1 for rank in ranks]))
    assert value(test, "rank10").value == 1.0 and value(test, "rank1").deviation == pytest.approx(0)
    curves = RecognitionCurves.objects.get(test=test)
    assert curves.cmc["rate"] == pytest.approx([np.mean([rank <= k for rank in ranks]) for k in range(1, 7)])
    assert not curves.roc and len(curves.confused["mistakes"]) == sum(rank > 1 for rank in ranks)


def test_view_1_reports_its_test_part_and_says_that_it_is_for_choosing(web, ask, run_jobs):
    test, _ = ask("verification-restricted-view1")
    run_jobs()
    assert test.for_choosing and test.n_parts == 1
    assert set(test.values.values_list("part", flat=True)) == {"", "test"}
    assert value(test, "accuracy").value > 0  # its threshold comes from the training part
    test.refresh_from_db()
    assert "view1" in {fact["code"] for fact in test.facts}


def test_pictures_that_the_dataset_lacks_are_counted(web, ask, run_jobs):
    Image.objects.filter(dataset=web, key__contains="Person A/C00001").delete()
    test, _ = ask()
    run_jobs()
    test.refresh_from_db()
    (fact,) = [fact for fact in test.facts if fact["code"] == "not_served"]
    assert fact["values"] == {"served": 102, "entries": 108}
    assert value(test, "vr@0.01", "1").details["negatives"] == 15


def test_a_picture_without_features_counts_as_rejected(web, ask, run_jobs, monkeypatch):
    images = Image.objects.filter(dataset=web, modality="photo").select_related("dataset")
    brightness = sorted(plain_features(image)[:3].mean() for image in images)
    limit, lost = (brightness[4] + brightness[5]) / 2, 5  # five photos are too dark to be seen

    def blind(self, picture):
        if picture.mean() < limit:
            raise NotUsable("no face was found")
        return picture

    monkeypatch.setattr(tiny.Colours, "prepare", blind)
    test, _ = ask("identification-p2c-view1")
    run_jobs()
    assert value(test, "rank10").value <= 1 - lost / len(brightness)
    test.refresh_from_db()
    (fact,) = [fact for fact in test.facts if fact["code"] == "not_found"]
    assert "no face was found" in fact["values"]["reason"] and fact["values"]["count"] >= lost


def test_a_recogniser_trained_on_the_persons_tested_is_leaky_and_one_for_each_fold_is_not(web, monkeypatch):
    from evaluation.recognition import plan_of
    from evaluation.recognition import seen as module
    from evaluation.recognition.seen import label_of_plan

    checkpoint = make_checkpoint(web, direction=("photo", "photo"), split="all")
    plan = plan_of(ProtocolTask("web", "verification-restricted-view2"), everything=True)
    assert label_of_plan(plan, [f"pix2pix.en7@{checkpoint.id}"]) == "leaky"
    elsewhere = make_checkpoint(sketch_dataset(), direction=("photo", "photo"), split="all")
    assert label_of_plan(plan, [f"pix2pix.en7@{elsewhere.id}"]) == "unseen" == label_of_plan(plan, [EXTRACTOR])
    without = {name: set(PERSONS) - set(persons) for name, persons in zip("abc", FOLDS.values(), strict=True)}
    monkeypatch.setattr(module, "persons_trained_on", lambda name, plan: without[name])
    assert label_of_plan(plan, ["a", "b", "c"]) == "per-fold"
    assert label_of_plan(plan, ["b", "a", "c"]) == "leaky"


def test_a_recogniser_for_each_fold_is_taken_in_the_order_of_the_folds(web, ask, run_jobs):
    test, _ = ask(extractors=[EXTRACTOR] * 3)
    run_jobs()
    alone, _ = ask()
    run_jobs()
    assert value(test, "auc").value == value(alone, "auc").value and test.label == "per-fold"
    with pytest.raises(InputError, match="one for each of the 3 parts; there are 2"):
        ask(extractors=[EXTRACTOR] * 2)

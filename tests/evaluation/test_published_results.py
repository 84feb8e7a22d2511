"""Published results taken in: the report, what is kept, who may, and that nothing is ever stretched."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from evaluation import sets
from evaluation.models import Evaluation, PublishedResults, published_folder
from evaluation.services import evaluation_submit
from evaluation.services import published as services
from evaluation.services.published import Provenance, Selection, writing
from evaluation.sets import PublishedSet
from tests.engine.drawing import blobs
from tests.evaluation.paper_fixtures import stems, written
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def selection(dataset, pairs):
    return Selection(dataset, "test", "sketch")


@pytest.fixture
def names(pairs):
    return [f"{stem}_fake_B.png" for stem in stems(pairs).values()]


def keep(files, selection, user=None, name="DCNP", **more):
    return services.published_create(owner=user, files=files, selection=selection, provenance=Provenance(name), **more)


def left():
    return sorted(published_folder().rglob("*")) if published_folder().is_dir() else []


def test_results_are_matched_with_the_pairs_and_kept_as_they_are(selection, names, pairs, tmp_path, user):
    published, created = keep(written(tmp_path / "in", names), selection, user)
    assert (created, published.n, published.n_pairs, published.owner) == (True, 8, 10, user)
    assert published.missing and len(published.missing) == 2  # sketches without a pair
    found = sets.contents(PublishedSet(str(published.id)), "candidate", user=user)
    assert sorted(found.pair_keys) == sorted(pairs)
    assert (found.dataset, found.spec.name) == (selection.dataset, "DCNP")
    real = sets.contents(sets.parse_text("faces:test:sketch", "reference"), "reference", user=user)
    matched = sets.matched(real, found)
    assert len(matched.keys) == 8
    by_key = dict(zip(found.pair_keys, found.paths, strict=True))
    for number, key in enumerate(stems(pairs)):
        assert np.array_equal(read_picture(by_key[key]), blobs(900 + number))


def test_the_report_says_of_each_file_what_becomes_of_it(selection, names, tmp_path):
    files = written(
        tmp_path / "in", [*names[:5], "nobody.png", names[0].replace("fake_B", "real_A"), f"again/{names[1]}"]
    )
    files += written(tmp_path / "large", [names[5]], size=(60, 60)) + written(
        tmp_path / "small", [names[6]], size=(30, 30)
    )
    (tmp_path / "broken.png").write_bytes(b"no picture")
    files.append(services.SentFile(names[7], tmp_path / "broken.png"))
    report = services.report_of(files, selection, "exact")
    assert report.counts == {
        "matched": 4, "unmatched": 1, "ambiguous": 2, "copy": 1, "wrong_size": 2, "unreadable": 1,
    }  # fmt: skip
    assert all(each.reason for each in report.left_out)
    reasons = {each.file: each.reason for each in report.files}
    assert "60x60" in reasons[names[5]] and "40x50" in reasons[names[5]] and "cut the centre" in reasons[names[5]]
    assert "Nothing is stretched" in reasons[names[6]]
    assert len(report.missing) == 6
    assert not left()


def test_a_padded_canvas_is_cut_in_the_middle_only_when_asked(selection, names, tmp_path):
    files = written(tmp_path / "in", names, size=(56, 56))
    with pytest.raises(InputError, match="0 match one of the 10 pairs"):
        keep(files, selection)
    assert not left()
    published, _created = keep(files, selection, size_rule="centre")
    assert published.size_rule == "centre"
    whole = blobs(900, size=(56, 56))
    keys = {name: (sha256, kind) for _key, name, sha256, kind in published.pictures}
    kept = read_picture(published.path_of(*keys[names[0]]))
    assert np.array_equal(kept, whole[3:53, 8:48])


def test_padded_200x250_results_are_cut_at_the_rows_and_columns_of_the_field(tmp_path):
    canvas = np.zeros((256, 256, 3), dtype=np.uint8)
    canvas[3:253, 28:228] = 255
    Picture.fromarray(canvas).save(tmp_path / "x.png")
    content, kind = writing.content_of(tmp_path / "x.png", "x.png", (200, 250))
    (tmp_path / "y.png").write_bytes(content)
    assert (kind, read_picture(tmp_path / "y.png").min(), read_picture(tmp_path / "y.png").shape) == (
        "PNG",
        255,
        (250, 200, 3),
    )


def test_the_same_results_brought_again_are_those_that_are_there(selection, names, tmp_path, user):
    files = written(tmp_path / "in", names)
    first, _created = keep(files, selection, user)
    again, created = keep(files, selection, user)
    assert (again, created, PublishedResults.objects.count()) == (first, False, 1)
    assert {path.name for path in published_folder().iterdir()} == {str(first.id)}
    other, created = keep(files, selection, user, name="Another method")
    assert created and other != first


def test_two_who_bring_the_same_at_once_get_one_row(selection, names, tmp_path, monkeypatch):
    files = written(tmp_path / "in", names)
    rename = Path.rename

    def after_somebody_else(path, target):  # between the look for an equal row and the writing of this one
        monkeypatch.setattr(Path, "rename", rename)
        keep(files, selection)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", after_somebody_else)
    published, created = keep(files, selection)
    assert (created, PublishedResults.objects.count()) == (False, 1)
    assert [path.name for path in published_folder().iterdir()] == [str(published.id)]
    found = sets.contents(PublishedSet(str(published.id)), "candidate", everything=True)
    assert all(path.is_file() for path in found.paths)


@pytest.mark.parametrize(
    ("provenance", "why"),
    [
        (Provenance(""), "name: say which method"),
        (Provenance("x" * 101), "name: at most 100"),
        (Provenance("x", url="javascript:alert(1)"), "source_url"),
        (Provenance("x", url="ftp://example.org/a.zip"), "source_url"),
        (Provenance("x", licence="y" * 301), "licence: at most 300"),
    ],
)
def test_a_provenance_that_is_none_is_refused(selection, names, tmp_path, provenance, why):
    with pytest.raises(InputError, match=why):
        services.published_create(
            owner=None, files=written(tmp_path / "in", names), selection=selection, provenance=provenance
        )
    assert not left()


def test_results_can_be_measured_against_the_real_drawings(selection, names, tmp_path, user, run_jobs):
    published, _created = keep(written(tmp_path / "in", names), selection, user)
    evaluation, _created = evaluation_submit(
        user=user, reference=sets.parse_text("faces:test:sketch", "reference"),
        candidate=sets.parse_text(f"published:{published.id}", "candidate"), extractor="", metrics=["ssim"],
    )  # fmt: skip
    with pytest.raises(services.PublishedInUse):
        services.published_delete(published=published)
    run_jobs()
    result = evaluation.results.get()
    assert (result.n_reference, result.n_candidate) == (8, 8)
    evaluation.refresh_from_db()
    assert evaluation.candidate_label == "published:DCNP"
    assert evaluation.candidate_dataset == selection.dataset
    services.published_delete(published=published)
    assert not published.folder.exists()
    assert Evaluation.objects.get() == evaluation


def test_folders_that_no_row_owns_go_after_an_hour(selection, names, tmp_path, monkeypatch):
    published, _created = keep(written(tmp_path / "in", names), selection)
    (published_folder() / ".lost.part").mkdir()
    assert services.published_clear() == 0
    monkeypatch.setattr(writing, "ABANDONED_SECONDS", -10)
    assert services.published_clear() == 1
    assert [path.name for path in published_folder().iterdir()] == [str(published.id)]

import subprocess
import sys
from importlib import import_module

import pytest

from workers.engine import catalogue
from workers.engine.errors import InputError


@pytest.mark.parametrize(
    "entry",
    [*catalogue.EXTRACTORS.values(), *catalogue.CHECKPOINT_EXTRACTORS.values(), *catalogue.METRICS.values()],
    ids=lambda e: e.name,
)
def test_every_dotted_path_leads_somewhere(entry):
    module, _, attribute = entry.module.rpartition(".")
    assert callable(getattr(import_module(module), attribute))


@pytest.mark.parametrize("entry", catalogue.STYLIZERS.values(), ids=lambda e: e.name)
def test_every_stylizer_is_a_module(entry):
    import_module(entry.module)


@pytest.mark.parametrize("table", [catalogue.EXTRACTORS, catalogue.METRICS, catalogue.STYLIZERS])
def test_every_row_stands_under_its_own_name(table):
    assert {name: entry.name for name, entry in table.items()} == {name: name for name in table}


UNPUBLISHED = {"sphere20a_20171020", "vgg_face_dag"}  # no digest was stated: the file's own stands in the protocol


def test_every_extractor_names_weights_that_exist_with_a_whole_digest():
    for extractor in catalogue.EXTRACTORS.values():
        for stems in extractor.weights:
            assert stems
            assert all(len(catalogue.WEIGHTS[stem].sha256) == 64 for stem in stems if stem not in UNPUBLISHED)


@pytest.mark.parametrize(
    ("look_up", "known"),
    [
        (catalogue.extractor, "dlib.face128, edgeface.xs512, inception.mixed6e"),
        (catalogue.metric, "fid"),
        (catalogue.stylizer, "pencil"),
        (catalogue.weights, "fid_inception_2015_upto_mixed6e"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(look_up, known):
    for name in ("nonsense", "", None, ["fid"]):
        with pytest.raises(InputError) as refused:
            look_up(name)
        assert known in str(refused.value)


@pytest.mark.parametrize("entry", catalogue.WEIGHTS.values(), ids=lambda entry: entry.stem)
def test_every_file_says_what_it_is_for_and_how_to_get_it_and_its_contents_are_known(entry):
    assert entry.purpose and entry.licence and entry.bytes
    assert bool(entry.url) != bool(entry.how_to_get)
    assert entry.url.startswith("https://") or not entry.url
    assert entry.contents or len(entry.sha256) == 64
    if entry.contents:
        module, _, function = entry.contents.rpartition(".")
        shapes = getattr(import_module(module), function)()
        assert shapes and all(isinstance(shape, tuple) for shape in shapes.values())


def test_each_way_of_resizing_is_a_preprocessing_of_its_own():
    rows = [catalogue.extractor(f"inception.pool3{mode}") for mode in ("", "_tf1", "_clean")]
    assert len({row.preprocessing for row in rows}) == 3
    assert [row.dimension for row in rows] == [2048] * 3


@pytest.mark.parametrize("name", ["pix2pix.en7@0123456789ab", "vae.mu@0123456789ab", "vggface.fc6@mine_2.1"])
def test_a_layer_of_a_checkpoint_or_of_own_weights_is_an_extractor(name):
    assert catalogue.extractor(name).name == name


@pytest.mark.parametrize(
    "name", ["pix2pix.en7", "pix2pix.en9@abc", "inception.pool3@mine", "vggface.fc6@", "vggface.fc6@../x", "a@b"]
)
def test_other_names_with_an_at_sign_are_refused(name):
    with pytest.raises(InputError, match="There is no extractor named"):
        catalogue.extractor(name)


def test_weights_go_by_file_stem_and_by_extractor():
    assert [entry.stem for entry in catalogue.weights(catalogue.PARTIAL_INCEPTION)] == [catalogue.PARTIAL_INCEPTION]
    stems = [entry.stem for entry in catalogue.weights("inception.mixed6e")]
    assert stems == [catalogue.FULL_INCEPTION, catalogue.PARTIAL_INCEPTION]


def test_direction_is_lower_for_fid():
    assert catalogue.metric("fid").direction == "lower"


@pytest.mark.parametrize(
    "module",
    [
        "catalogue",
        "errors",
        "protocol",
        "weights",
        "weights_fetching",
        "features.checkpoint_weights",
        "metrics.frechet",
    ],
)
def test_a_web_process_may_import_it_without_torch_or_dlib(module):
    code = f"import sys, workers.engine.{module}; print({{'torch', 'dlib', 'django', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("code", catalogue.CAUTIONS)
def test_every_caution_has_places_for_its_values(code):
    class Anything(dict):
        def __missing__(self, key):
            return f"<{key}>"

    assert catalogue.CAUTIONS[code] % Anything()

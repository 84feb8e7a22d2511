import subprocess
import sys
from importlib import import_module

import pytest

from workers.engine import catalogue
from workers.engine.errors import InputError


@pytest.mark.parametrize("entry", [*catalogue.EXTRACTORS.values(), *catalogue.METRICS.values()], ids=lambda e: e.name)
def test_every_dotted_path_leads_somewhere(entry):
    module, _, attribute = entry.module.rpartition(".")
    assert callable(getattr(import_module(module), attribute))


@pytest.mark.parametrize("entry", catalogue.STYLIZERS.values(), ids=lambda e: e.name)
def test_every_stylizer_is_a_module(entry):
    import_module(entry.module)


@pytest.mark.parametrize("table", [catalogue.EXTRACTORS, catalogue.METRICS, catalogue.STYLIZERS])
def test_every_row_stands_under_its_own_name(table):
    assert {name: entry.name for name, entry in table.items()} == {name: name for name in table}


def test_every_extractor_names_weights_that_exist_with_a_whole_digest():
    for extractor in catalogue.EXTRACTORS.values():
        for stems in extractor.weights:
            assert stems
            assert all(len(catalogue.WEIGHTS[stem].sha256) == 64 for stem in stems)


@pytest.mark.parametrize(
    ("look_up", "known"),
    [
        (catalogue.extractor, "dlib.face128, inception.mixed6e"),
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


def test_weights_go_by_file_stem_and_by_extractor():
    assert [entry.stem for entry in catalogue.weights(catalogue.PARTIAL_INCEPTION)] == [catalogue.PARTIAL_INCEPTION]
    stems = [entry.stem for entry in catalogue.weights("inception.mixed6e")]
    assert stems == [catalogue.FULL_INCEPTION, catalogue.PARTIAL_INCEPTION]


def test_direction_is_lower_for_fid():
    assert catalogue.metric("fid").direction == "lower"


@pytest.mark.parametrize("module", ["catalogue", "errors", "protocol", "weights", "metrics.frechet"])
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

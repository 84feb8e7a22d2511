import dataclasses

import pytest

from workers.engine.errors import InputError
from workers.engine.protocol import protocol_of, set_digest


@pytest.fixture
def protocol():
    return protocol_of(
        "fid", "inception.mixed6e", weights_digest="w" * 64, reference_digest="r" * 64, n_reference=10, n_candidate=20
    )


def test_the_fingerprint_is_short_hex_and_repeatable(protocol):
    fingerprint = protocol.fingerprint()
    assert len(fingerprint) == 12
    assert int(fingerprint, 16) >= 0
    assert dataclasses.replace(protocol).fingerprint() == fingerprint


def test_every_field_changes_the_fingerprint(protocol):
    other = {"int": 7, "str": "other", "tuple": (1, 2)}
    prints = {protocol.fingerprint()}
    fields = dataclasses.fields(protocol)
    for field in fields:
        value = other[type(getattr(protocol, field.name)).__name__]
        prints.add(dataclasses.replace(protocol, **{field.name: value}).fingerprint())
    assert len(prints) == len(fields) + 1


def test_the_candidate_is_not_part_of_it(protocol):
    assert [field.name for field in dataclasses.fields(protocol) if "candidate" in field.name] == ["n_candidate"]


def test_unknown_names_are_refused():
    rest = {"weights_digest": "", "reference_digest": "", "n_reference": 2, "n_candidate": 2}
    with pytest.raises(InputError, match="no metric"):
        protocol_of("fit", "inception.mixed6e", **rest)
    with pytest.raises(InputError, match="no extractor"):
        protocol_of("fid", "inception.mixed", **rest)


def test_a_set_digest_ignores_order_but_not_repetition():
    assert set_digest(["a", "b", "c"]) == set_digest(["c", "a", "b"])
    assert set_digest(["a", "b"]) != set_digest(["a", "b", "b"])
    assert set_digest(["ab", "c"]) != set_digest(["a", "bc"])

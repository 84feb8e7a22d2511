"""Loaded models are kept within bounds, the one that was not used for longest goes first."""

import pytest

from stylized_face.jobs.kept import Kept


@pytest.fixture
def loads():
    return []


def get(kept, key, loads, size=10):
    def load():
        loads.append(key)
        return f"model {key}"

    return kept.get(key, load, lambda thing: size)


def test_what_is_kept_is_not_loaded_again(loads):
    kept = Kept(2, 100)
    assert [get(kept, key, loads) for key in "aaba"] == ["model a", "model a", "model b", "model a"]
    assert loads == ["a", "b"]


def test_the_least_recently_used_goes_when_there_are_too_many(loads):
    kept = Kept(2, 100)
    for key in "abac":
        get(kept, key, loads)
    assert kept.keys == ["a", "c"]
    get(kept, "b", loads)
    assert loads == ["a", "b", "c", "b"] and kept.keys == ["c", "b"]


def test_the_bytes_are_bounded_too(loads):
    kept = Kept(9, 100)
    for key, size in (("a", 40), ("b", 40), ("c", 30)):
        get(kept, key, loads, size)
    assert (kept.keys, kept.bytes) == (["b", "c"], 70)
    get(kept, "large", loads, 90)
    assert (kept.keys, kept.bytes) == (["large"], 90)


def test_one_that_is_larger_than_the_bound_is_used_all_the_same(loads):
    kept = Kept(9, 100)
    assert get(kept, "huge", loads, 500) == "model huge" and kept.keys == ["huge"]
    get(kept, "a", loads)
    assert kept.keys == ["a"]


def test_what_cannot_be_loaded_drives_nothing_out(loads):
    kept = Kept(1, 100)
    get(kept, "a", loads)

    def broken():
        raise OSError("gone")

    with pytest.raises(OSError):
        kept.get("b", broken, lambda thing: 1)
    assert kept.keys == ["a"]


@pytest.mark.django_db
def test_the_network_of_a_model_is_loaded_once_for_many_drawings(on_shelf, portrait, monkeypatch):
    from safetensors.torch import load_file

    from stylized_face.jobs import draw, renderers
    from workers.engine.families import use

    opened, open_checkpoint = [], use.open_checkpoint
    monkeypatch.setattr(use, "open_checkpoint", lambda *args: opened.append(args) or open_checkpoint(*args))
    renderers._kept.clear()
    for _ in range(3):
        draw(portrait, model=on_shelf)
    assert len(opened) == 1
    weights = load_file(opened[0][0] / "generator.safetensors")
    sizes = [one.numel() * (4 if one.is_floating_point() else one.element_size()) for one in weights.values()]
    assert renderers._kept.bytes == sum(sizes), "float32 in memory"

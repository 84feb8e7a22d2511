"""The loop: what it writes, how it stops, and that going on equals never having stopped."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.drawing import blobs
from tests.engine.pairs import made_pairs, made_plan
from tests.engine.running import losses, run, weights
from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import checkpoint_folder, checkpoint_meta, sample_files
from workers.engine.families.generate import generate_set
from workers.engine.families.use import open_checkpoint
from workers.engine.training.loop import train
from workers.engine.training.plan import Outcome, checkpoint_id
from workers.engine.training.preflight import dry_run

OPTIONS = {
    "pix2pix.tiny": {
        "epochs": 3,
        "batch": 2,
        "ema": 0.9,
        "warp": True,
        "colour": 0.5,
        "diffaugment": True,
        "grad_clip": 1,
    },
    "vae.tiny": {"epochs": 3, "batch": 2, "kl_warmup": 2, "background": 0.5, "grey": 0.5},
}


@pytest.mark.parametrize("preset", ["pix2pix.tiny", "vae.tiny"])
def test_going_on_equals_never_having_stopped_bit_for_bit(preset, tmp_path):
    plan = made_plan(tmp_path, preset, count=6, **OPTIONS[preset])  # 5 pairs: 3 steps an epoch, the last of one pair
    outcome, straight = run(plan)
    assert outcome == Outcome(True, 3, 9)
    stops = np.random.default_rng(len(preset)).permutation(np.arange(1, 8))[:2].tolist()
    other = replace(plan, folder=tmp_path / "stopped", checkpoints_dir=tmp_path / "stopped" / "checkpoints")
    made, done = [], 0
    for stop in (*stops, None):
        torch.manual_seed(stop or 0)  # what else happens in the process must not matter
        outcome, some = run(other, stop_after=stop)
        made += some
        done = min(done + stop, 9) if stop else 9
        assert outcome == Outcome(done == 9, done // 3, done)
    for before, after in zip(straight, {each.step: each for each in made}.values(), strict=True):
        assert (before.id, before.step, before.digest) == (after.id, after.step, after.digest)
        assert all(torch.equal(value, weights(after)[key]) for key, value in weights(before).items())
    steps = [line["step"] for line in losses(other)]
    assert steps == sorted(set(steps)) and steps[-1] == 9


def test_a_killed_training_goes_on_from_its_last_checkpoint(tmp_path):
    plan = made_plan(tmp_path, epochs=2, batch=2)
    _, straight = run(plan)

    class Killed(BaseException):
        pass

    def report(progress):
        if progress.step == 3:
            raise Killed

    other = replace(plan, folder=tmp_path / "killed", checkpoints_dir=tmp_path / "killed" / "checkpoints")
    made = []
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr("workers.engine.training.telling.EVERY_SECONDS", 0.0)
        train(other, report=report, should_stop=lambda: False, checkpoint_made=made.append)
    assert [each.step for each in made] == [2]
    with (other.folder / "losses.jsonl").open("a") as file:
        file.write('{"step": 3, "lo')  # as a dying process leaves it
    (other.checkpoints_dir / ".making-0123").mkdir()
    outcome, made = run(other)
    assert outcome.finished
    assert [each.step for each in made] == [2, 4]  # told again, since the news may have been lost
    assert [each.digest for each in made] == [each.digest for each in straight]
    assert [line["step"] for line in losses(other)] == [1, 2, 3, 4]


def test_a_finished_training_only_tells_its_checkpoints_again(tmp_path):
    plan = made_plan(tmp_path, epochs=1)
    first = run(plan)
    before = (plan.folder / "losses.jsonl").read_bytes()
    assert run(plan) == first
    assert (plan.folder / "losses.jsonl").read_bytes() == before
    assert sum(file.stat().st_size for file in (plan.folder / "state").iterdir()) < 5000  # the large state is gone


def test_a_checkpoint_says_what_made_it(tmp_path):
    plan = made_plan(tmp_path, epochs=3, checkpoint_every=2, ema=0.9)
    _, made = run(plan)
    assert [(each.epoch, each.step) for each in made] == [(2, 4), (3, 6)]
    assert [each.id for each in made] == [checkpoint_id("run", 4), checkpoint_id("run", 6)]
    meta = checkpoint_meta(made[1].folder)
    assert (meta.id, meta.preset, meta.family, meta.epoch, meta.step) == (made[1].id, "pix2pix.tiny", "pix2pix", 3, 6)
    assert (meta.options, meta.direction, meta.seed, meta.averaged) == (plan.options, ("photo", "sketch"), 7, True)
    assert meta.digest == made[1].digest and meta.geometry["pad"] == "edge" and meta.loss_networks == ()
    assert made[1].bytes == (made[1].folder / "generator.safetensors").stat().st_size
    assert checkpoint_folder(made[1].id, plan.checkpoints_dir) == made[1].folder
    assert not list(plan.checkpoints_dir.glob(".*"))


def test_sample_faces_are_what_the_checkpoint_draws(tmp_path):
    plan = made_plan(tmp_path, epochs=1)
    _, [made] = run(plan)
    [sample] = sample_files(made.folder)
    source = np.asarray(Image.open(plan.validation[0].source))
    [drawn] = open_checkpoint(made.folder, "cpu").apply([source])
    assert np.array_equal(np.asarray(Image.open(sample)), drawn)
    assert drawn.shape == source.shape
    assert np.array_equal(np.asarray(Image.open(plan.folder / "samples" / "source" / "00.png")), source)
    assert (plan.folder / "samples" / "target" / "00.png").is_file()


def test_a_training_without_validation_pairs_draws_no_samples(tmp_path):
    plan = replace(made_plan(tmp_path, epochs=1), validation=())
    _, [made] = run(plan)
    assert sample_files(made.folder) == []


def test_progress_tells_pace_time_left_and_losses(tmp_path, monkeypatch):
    monkeypatch.setattr("workers.engine.training.telling.EVERY_SECONDS", 0.0)
    heard = []
    run(made_plan(tmp_path, epochs=2), report=heard.append)
    last = heard[-1]
    assert (last.epochs, last.steps) == (2, 4) and heard[0].step == 0
    middle = next(each for each in heard if each.step == 2)
    assert middle.images_per_second > 0 and middle.eta_seconds > 0
    assert middle.losses.keys() == {"discriminator", "gan", "l1"}
    assert [each.step for each in heard] == sorted(each.step for each in heard)
    # Between the parts of each step too, since one may take seconds.
    assert sum(each.step == 1 for each in heard) >= 4


def test_the_log_is_for_people(tmp_path):
    plan = made_plan(tmp_path, epochs=1)
    run(plan)
    log = (plan.folder / "log.txt").read_text()
    assert "4 training and 1 validation pairs, 2 steps an epoch" in log and log.rstrip().endswith("finished")


def test_another_training_starts_from_a_checkpoint_with_other_options(tmp_path):
    _, [first] = run(made_plan(tmp_path, epochs=1))
    plan = made_plan(tmp_path, run_id="second", epochs=1, lr=1e-7, lr_discriminator=1e-7, gan="lsgan", batch=4)
    _, [second] = run(replace(plan, start_from=first.folder))
    for key, value in weights(first).items():
        if "running" not in key and "num_batches" not in key:
            torch.testing.assert_close(value, weights(second)[key], rtol=0, atol=1e-6)


def test_a_checkpoint_of_another_family_is_no_beginning(tmp_path):
    _, [vae] = run(made_plan(tmp_path, "vae.tiny", epochs=1))
    with pytest.raises(InputError, match=r"do not fit this network"):
        run(replace(made_plan(tmp_path, run_id="second"), start_from=vae.folder))


def test_a_state_of_other_options_is_not_continued(tmp_path):
    plan = made_plan(tmp_path, epochs=2)
    run(plan, stop_after=1)
    with pytest.raises(InputError, match="other options or other pairs"):
        run(replace(plan, options={**plan.options, "lr": 1e-3}))
    (plan.folder / "state" / "training.pt").write_bytes(b"torn")
    with pytest.raises(InputError, match="cannot be read"):
        run(plan)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    _, [made] = run(made_plan(tmp_path, epochs=1))
    with (made.folder / "generator.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(InputError, match="not the file that was written"):
        open_checkpoint(made.folder, "cpu")
    (made.folder / "checkpoint.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        checkpoint_meta(made.folder)
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoint_folder("../../etc", tmp_path)
    with pytest.raises(InputError, match="may have been deleted"):
        checkpoint_folder("0" * 12, tmp_path)


def test_a_set_is_drawn_once_and_named_by_its_sources(tmp_path):
    plan = made_plan(tmp_path, epochs=1)
    _, [made] = run(plan)
    paths = [pair.source for pair in plan.train]
    told = []
    files = generate_set(
        made.folder,
        paths,
        ["a"] * len(paths),
        tmp_path / "set",
        device="cpu",
        batch_size=3,
        report=lambda *at: told.append(at),
    )
    assert told[-1] == (4, 4) and all(len(file.stem) == 64 and file.is_file() for file in files)
    stamps = [file.stat().st_mtime_ns for file in files]
    files[0].unlink()
    assert generate_set(made.folder, paths, ["a"] * len(paths), tmp_path / "set", device="cpu") == files
    assert [file.stat().st_mtime_ns for file in files[1:]] == stamps[1:] and files[0].is_file()
    picture = np.asarray(Image.open(files[1]))
    [alone] = open_checkpoint(made.folder, "cpu").apply([np.asarray(Image.open(paths[1]))])
    assert np.array_equal(picture, alone)


def test_larger_pictures_come_back_in_their_size_with_a_remark(tmp_path):
    _, [made] = run(made_plan(tmp_path, epochs=1))
    generator = open_checkpoint(made.folder, "cpu")
    large, small = blobs(1, (90, 70)), blobs(2, (20, 30))
    assert [each.shape for each in generator.apply([large, small])] == [large.shape, small.shape]
    assert "1 of 2 pictures are larger than 32 pixels" in generator.remark([large, small])
    assert generator.remark([small]) == ""


def test_the_dry_run_measures_and_leaves_nothing(tmp_path):
    plan = made_plan(tmp_path, epochs=10, batch=2)
    found = dry_run(plan)
    assert found.images_per_second > 0 and found.memory_bytes > 10**7 and found.batch == 2
    assert found.seconds == pytest.approx(20 * 2 / found.images_per_second, rel=0.01)
    assert not plan.folder.exists()


def test_it_learns(tmp_path):
    """The target is the negative of the source, which a small network finds within seconds."""
    pairs = made_pairs(tmp_path, 8)
    plan = made_plan(tmp_path, epochs=25, batch=4, checkpoint_every=25, lr=2e-3, dropout=0, decay_from=25)
    plan = replace(plan, train=pairs[:-1], validation=pairs[-1:])
    run(plan)
    curve = [line["losses"]["l1"] for line in losses(plan)]
    assert curve[-1] < 0.5 * curve[0]


def test_networks_that_served_as_a_loss_are_recorded(tmp_path, shared_dir):
    plan = made_plan(
        tmp_path, "pix2pix.modern", count=2, size=128, epochs=1, batch=1, perceptual_weight=1, identity_weight=1
    )
    _, [made] = run(replace(plan, weights_dir=shared_dir / "weights", validation=()))
    assert checkpoint_meta(made.folder).loss_networks == ("lpips.squeeze", "edgeface.xs512")
    assert {"perceptual", "identity"} < losses(plan)[-1]["losses"].keys()


def test_a_loss_without_its_weights_says_how_to_get_them(tmp_path):
    plan = made_plan(tmp_path, "pix2pix.modern", count=2, size=128, epochs=1, identity_weight=1)
    with pytest.raises(InputError, match=r"the option identity_weight are missing.*add_weights"):
        run(plan)

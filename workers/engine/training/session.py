"""One training in memory: networks, optimisers, pictures; a step, a save, a resume. The loop decides when."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workers.engine.errors import InputError
from workers.engine.families import build
from workers.engine.families.checkpoint_file import checkpoint_meta
from workers.engine.families.family import Batch, Losses, Surroundings
from workers.engine.families.use import load_generator
from workers.engine.training.augment import Augmenter
from workers.engine.training.checkpoints import State
from workers.engine.training.pairs import PairStore, order, steps_of_an_epoch
from workers.engine.training.plan import TrainingPlan
from workers.engine.training.processes import Processes
from workers.engine.training.updating import Averaged, learning_rate_factor


class Session:
    """Networks and pictures of a plan. `step_number` counts the steps done."""

    def __init__(self, plan: TrainingPlan, processes: Processes, tick: Callable[[], None]):
        self.plan, self.processes, self.device = plan, processes, processes.device
        options = self.options = plan.options
        photo = plan.direction[0] == "photo"
        with_background = photo and any(options.get(name, 0) > 0 for name in ("background", "wild"))
        self.store = PairStore(plan.train, options["size"], with_background=with_background, tick=tick)
        self.augmenter = Augmenter(self.store, options, plan.seed, photo=photo)
        self.epoch_steps = steps_of_an_epoch(len(self.store), options["batch"], processes.world)
        self.total_steps = self.epoch_steps * options["epochs"]
        self.step_number, self.micro = 0, 1
        torch.manual_seed(_chance(plan.seed, 0))
        family = build.family(plan.preset, options)
        self.networks = family.networks()
        self.generator = self.networks["generator"]
        if plan.start_from is not None:
            begin_with(self.generator, plan)
        # Channels last is what GPUs multiply fastest; on CPUs it was measured to change nothing.
        layout = torch.channels_last if self.device.type == "cuda" else torch.preserve_format
        for network in self.networks.values():
            network.to(self.device).to(memory_format=layout).train()
        around = Surroundings(
            device=self.device,
            autocast=autocasting(options["precision"], self.device),
            reduce=processes.reduce,
            tick=tick,
            weights_dir=plan.weights_dir,
            direction=plan.direction,
        )
        self.learner = family.learner(self.networks, around)
        self.averaged = Averaged(self.generator, options["ema"]) if options["ema"] else None
        self.full_rates = {
            name: [group["lr"] for group in optimiser.param_groups]
            for name, optimiser in self.learner.optimisers.items()
        }

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.step_number // self.epoch_steps

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """This process's pictures of step number `step` (from 0 on), on the CPU."""
        epoch, place = divmod(step, self.epoch_steps)
        shown = order(len(self.store), self.plan.seed, epoch)
        size = self.options["batch"]
        indices, places = self.processes.share(shown[place * size : (place + 1) * size])
        return self.augmenter.batch(indices, step, places)

    def step(self, pictures: tuple[Tensor, Tensor]) -> tuple[Losses, Tensor, Tensor]:
        """Learn from these pictures. Returns losses, drawings and targets of the last part.

        When memory runs out the batch is taken in two parts from now on; InputError when that is not enough either.
        """
        parts = self.parts(*pictures)
        self._set_rates()
        torch.manual_seed(_chance(self.plan.seed, self.step_number + 1, self.processes.rank))
        losses, drawn = self.learner.step(parts, self.step_number / self.epoch_steps)
        self.step_number += 1
        if self.averaged:
            self.averaged.follow(self.generator, self.step_number)
        return losses, drawn, parts[-1].target

    def parts(self, source: Tensor, target: Tensor) -> list[Batch]:
        """The batch on the device, in `micro` parts."""
        layout = torch.channels_last if self.device.type == "cuda" else torch.preserve_format
        found = []
        for sources, targets in zip(source.chunk(self.micro), target.chunk(self.micro), strict=True):
            share = len(sources) / len(source)
            sources, targets = (
                each.to(self.device, non_blocking=True, memory_format=layout) for each in (sources, targets)
            )
            found.append(Batch(sources, targets, share))
        return found

    def halve(self, error: BaseException) -> str:
        """After memory ran out: two parts a step from now on, and a sentence. InputError when it cannot be halved."""
        for optimiser in self.learner.optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        batch, size = self.options["batch"], self.options["size"]
        figures = ""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            free, total = torch.cuda.mem_get_info(self.device)
            figures = f" The device has {total / 2**30:.1f} GiB, of which {free / 2**30:.1f} are free."
        if self.micro > 1 or batch < 2 or self.processes.world > 1:
            raise InputError(
                f"The memory is too small for a batch of {batch} at {size} pixels"
                f"{', even in two parts' if self.micro > 1 else ''}.{figures} Choose a smaller batch or 128 pixels."
            ) from error
        self.micro = 2
        return f"The memory was too small for a batch of {batch} at {size} pixels: each is now taken in two parts.{figures}"

    def to_use(self) -> nn.Module:
        """The generator as a checkpoint has it: averaged when the training averages. In eval mode inside `evaluating`."""
        return self.averaged.network if self.averaged else self.generator

    @contextmanager
    def evaluating(self) -> Iterator[nn.Module]:
        """The generator to use, in eval mode."""
        network = self.to_use()
        was_training = network.training
        network.eval()
        try:
            yield network
        finally:
            network.train(was_training)

    def fingerprint(self) -> str:
        """What a saved state must agree with to be continued."""
        plan = self.plan
        text = json.dumps(
            [
                plan.preset,
                plan.options,
                plan.seed,
                plan.train_digest,
                [pair.key for pair in plan.train],
                plan.direction,
            ],
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def state(self, checkpoints: list[dict[str, Any]]) -> State:
        """Everything that the next step depends on."""
        return State(
            plan=self.fingerprint(),
            step=self.step_number,
            micro=self.micro,
            networks={name: network.state_dict() for name, network in self.networks.items()},
            averaged=self.averaged.network.state_dict() if self.averaged else None,
            optimisers={name: optimiser.state_dict() for name, optimiser in self.learner.optimisers.items()},
            checkpoints=checkpoints,
        )

    def go_on(self, state: State) -> None:
        """Continue as if never stopped. InputError when the state is of another plan."""
        check_same_plan(self, state)
        for name, network in self.networks.items():
            network.load_state_dict(state.networks[name])
        for name, optimiser in self.learner.optimisers.items():
            optimiser.load_state_dict(state.optimisers[name])
        if self.averaged and state.averaged is not None:
            self.averaged.network.load_state_dict(state.averaged)
        self.step_number, self.micro = state.step, state.micro

    def _set_rates(self) -> None:
        factor = learning_rate_factor(self.epoch, self.options["epochs"], self.options["decay_from"])
        for name, optimiser in self.learner.optimisers.items():
            for group, full in zip(optimiser.param_groups, self.full_rates[name], strict=True):
                group["lr"] = full * factor


def check_same_plan(session: Session, state: State) -> None:
    """InputError unless the state was saved by this very plan."""
    if state.plan != session.fingerprint():
        raise InputError(
            "The saved state belongs to a training with other options or other pairs. Give this training a folder of its own, "
            "or start it from a checkpoint."
        )


def begin_with(generator: nn.Module, plan: TrainingPlan) -> None:
    """Weights of a checkpoint as the first weights. InputError when they do not fit."""
    assert plan.start_from is not None
    load_generator(generator, plan.start_from, checkpoint_meta(plan.start_from))


def autocasting(precision: str, device: torch.device) -> Callable[[], AbstractContextManager[Any]]:
    """What surrounds a forward pass. `auto` is bfloat16 on GPUs that have it, else float32."""
    able = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    on = precision == "bfloat16" or (precision == "auto" and able)
    return lambda: torch.autocast(device.type, dtype=torch.bfloat16, enabled=on)


def _chance(*numbers: int) -> int:
    """A seed for torch out of several numbers."""
    low, high = np.random.SeedSequence(list(numbers)).generate_state(2)
    return int(low) | (int(high) & 0x7FFFFFFF) << 32

"""How far a training is and how fast it goes: means of the losses, pace, time left; told often enough to be stopped."""

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from workers.engine.training.journal import Journal
from workers.engine.training.plan import Progress, TrainingPlan

EVERY_SECONDS = 0.25  # of reports
LINES_AN_EPOCH, FEWEST_STEPS, MOST_STEPS = 10, 1, 50  # of losses.jsonl
PACE_MEMORY = 0.9  # of the moving average of the pace


class Telling:
    """Collects what happens in a training and passes it on to `report` and the journal."""

    def __init__(self, plan: TrainingPlan, journal: Journal, report: Callable[[Progress], None], device: torch.device):
        self.epochs, self.journal, self.report, self.device = plan.options["epochs"], journal, report, device
        self.message = ""
        self.steps = self.epoch_steps = self.every = 1
        self.batch = plan.options["batch"]
        self.step, self.rate = 0, 0.0
        self.pace = 0.0  # steps a second
        self.means: dict[str, float] = {}
        self._sums: dict[str, Tensor] = {}
        self._summed = 0
        self._told = 0.0
        self._since = time.monotonic()

    def begin(self, steps: int, epoch_steps: int, batch: int) -> None:
        """Know the length of the training; the clock of the pace starts now."""
        self.steps, self.epoch_steps, self.batch = steps, epoch_steps, batch
        self.every = min(max(epoch_steps // LINES_AN_EPOCH, FEWEST_STEPS), MOST_STEPS)
        self._since = time.monotonic()

    def go_on(self, step: int) -> None:
        """Continue at this step."""
        self.step = step
        self.pause_over()

    def beat(self, message: str | None = None) -> None:
        """Report when it is time to; called between all pieces of work."""
        if message is not None:
            self.message = message
        if time.monotonic() - self._told >= EVERY_SECONDS:
            self.report(self.progress())
            self._told = time.monotonic()

    def stepped(self, step: int, losses: dict[str, Tensor], rate: float) -> dict[str, float] | None:
        """A step is done. Returns the means of the losses when a line was written, else None."""
        self.step, self.rate, self.message = step, rate, self.message if self.means else ""
        for name, value in losses.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._summed += 1
        means = None
        if step % self.every == 0 or step == self.steps:
            means = self.flush()
        self.beat()
        return means

    def flush(self) -> dict[str, float] | None:
        """Write a line for the steps since the last one; None when there are none."""
        if not self._summed:
            return None
        names = list(self._sums)
        values = torch.stack([self._sums[name] for name in names]).tolist()  # one wait for the device
        self.means = {name: value / self._summed for name, value in zip(names, values, strict=True)}
        now = time.monotonic()
        pace = self._summed / max(now - self._since, 1e-9)
        self.pace = PACE_MEMORY * self.pace + (1 - PACE_MEMORY) * pace if self.pace else pace
        self._sums, self._summed, self._since = {}, 0, now
        self.journal.losses(
            {
                "step": self.step,
                "epoch": round(self.step / self.epoch_steps, 4),
                "lr": self.rate,
                "images_per_second": round(pace * self.batch, 3),
                "losses": {name: _short(value) for name, value in self.means.items()},
            }
        )
        return self.means

    def pause_over(self) -> None:
        """What was done since the last line was no training; leave it out of the pace."""
        self._since = time.monotonic()

    def progress(self) -> Progress:
        """How far it is now."""
        memory = torch.cuda.max_memory_allocated(self.device) if self.device.type == "cuda" else None
        return Progress(
            epoch=self.step // self.epoch_steps,
            epochs=self.epochs,
            step=self.step,
            steps=self.steps,
            images_per_second=self.pace * self.batch,
            eta_seconds=(self.steps - self.step) / self.pace if self.pace else 0.0,
            losses=self.means,
            memory_bytes=memory,
            message=self.message,
        )


def _short(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None  # JSON knows no NaN

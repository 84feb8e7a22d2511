"""The training loop: steps, checkpoints, progress; stopped and continued at any step as if it had never stopped.

It knows no database. Progress and checkpoints are told to callbacks, and a callback says when to make room for others.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from workers.engine.features.pictures import read_picture
from workers.engine.training import checkpoints
from workers.engine.training.checkpoints import State
from workers.engine.training.journal import Journal
from workers.engine.training.plan import CheckpointMade, Outcome, Progress, TrainingPlan
from workers.engine.training.processes import Processes, join
from workers.engine.training.session import Session
from workers.engine.training.telling import Telling
from workers.engine.training.watch import Watch

Report = Callable[[Progress], None]
Made = Callable[[CheckpointMade], None]


def train(plan: TrainingPlan, *, report: Report, should_stop: Callable[[], bool], checkpoint_made: Made) -> Outcome:
    """Train until the last epoch, or until `should_stop()`, which is asked after every step: then the exact state is
    saved and `finished` is False. A later call with the same plan goes on from there by itself.

    `report` is called at least twice a second of work (a single part of a step on a slow machine may take longer) and
    may raise, which stops at once; the last saved state stays. `checkpoint_made` is called when a checkpoint and the
    state to go on from are on disk; after a resume it is called again for those that are there.
    Raises InputError for pictures that cannot be read, a state of another plan, too little memory, and a training that
    broke down; its text says what to do.
    """
    processes = join(plan.device, plan.options["batch"])
    journal = Journal(plan.folder, processes.first)
    telling = Telling(plan, journal, report if processes.first else lambda progress: None, processes.device)
    with reproducible(processes.device):
        return _Training(plan, processes, journal, telling, checkpoint_made).run(should_stop)


class _Training:
    def __init__(
        self, plan: TrainingPlan, processes: Processes, journal: Journal, telling: Telling, checkpoint_made: Made
    ):
        self.plan, self.processes, self.journal, self.telling = plan, processes, journal, telling
        self.checkpoint_made = checkpoint_made
        self.watch = Watch()
        self.history: list[dict] = []

    def run(self, should_stop: Callable[[], bool]) -> Outcome:
        saved = checkpoints.load_state(self.plan.folder)
        if saved and not saved.networks:  # finished before
            self._announce(saved)
            return Outcome(True, self.plan.options["epochs"], saved.step)
        self.telling.beat("reading the pairs")
        session = Session(self.plan, self.processes, self.telling.beat)
        self.telling.begin(session.total_steps, session.epoch_steps, session.options["batch"])
        self._read_samples()
        self.journal.go_back_to(saved.step if saved else 0)
        if saved:
            session.go_on(saved)
            self.history = saved.checkpoints
            self.telling.go_on(saved.step)
            self._announce(saved)
        self.journal.say(self._beginning(session, resumed=saved is not None))
        with feeding(session) as feed:
            while session.step_number < session.total_steps:
                self._step(session, feed)
                if self._due(session):
                    self._checkpoint(session)
                if session.step_number < session.total_steps and self.processes.agreed(should_stop()):
                    self._save(session)
                    self.journal.say(f"stopped after step {session.step_number}; to be continued")
                    return Outcome(False, session.epoch, session.step_number)
        self.journal.say("finished")
        return Outcome(True, session.epoch, session.step_number)

    def _step(self, session: Session, feed: "Feed") -> None:
        pictures = feed(session.step_number)
        learnt = attempt(session, pictures)
        while isinstance(learnt, str):  # the exception is gone by now, and with it the memory it held on to
            self.journal.say(learnt)
            self.telling.message = learnt
            learnt = attempt(session, pictures)
        losses, drawn, target = learnt
        rates = [group["lr"] for group in session.learner.optimisers["generator"].param_groups]
        means = self.telling.stepped(session.step_number, losses, rates[0])
        if means is not None:
            self.watch.losses(session.step_number, means)
            self.watch.pictures(session.step_number, drawn, target)

    def _due(self, session: Session) -> bool:
        if session.step_number % session.epoch_steps:
            return False
        last = session.step_number == session.total_steps
        return last or session.epoch % session.options["checkpoint_every"] == 0

    def _checkpoint(self, session: Session) -> None:
        """Weights and samples first, then the state that knows them, then the news."""
        if not self.processes.first:
            return
        self.telling.flush()
        with session.evaluating() as generator:
            made = checkpoints.write_checkpoint(
                self.plan,
                generator,
                epoch=session.epoch,
                step=session.step_number,
                loss_networks=session.learner.loss_networks,
                averaged=session.averaged is not None,
                samples=self.sources,
                device=session.device,
                tick=self.telling.beat,
            )
        state = session.state(self.history)
        checkpoints.remember(state, made)
        self.history = state.checkpoints
        save = checkpoints.finish if session.step_number == session.total_steps else checkpoints.save_state
        save(self.plan.folder, state)
        self.journal.say(f"checkpoint {made.id} after epoch {made.epoch}")
        self.telling.pause_over()
        self.checkpoint_made(made)

    def _save(self, session: Session) -> None:
        if self.processes.first:
            self.telling.flush()
            checkpoints.save_state(self.plan.folder, session.state(self.history))

    def _announce(self, saved: State) -> None:
        if self.processes.first:
            for made in checkpoints.made_before(saved, self.plan.checkpoints_dir):
                self.checkpoint_made(made)

    def _read_samples(self) -> None:
        pairs = self.plan.validation[: self.plan.options["samples"]] if self.processes.first else ()
        self.sources = [read_picture(pair.source, f"The source of pair {pair.key}") for pair in pairs]
        targets = [read_picture(pair.target, f"The target of pair {pair.key}") for pair in pairs]
        checkpoints.write_samples(self.plan.folder, self.sources, targets)

    def _beginning(self, session: Session, *, resumed: bool) -> str:
        plan, where = self.plan, f"{session.device}"
        if self.processes.world > 1:
            where = f"{self.processes.world} processes on {session.device.type}"
        how = f"continued at step {session.step_number}" if resumed else "started"
        return (
            f"{plan.preset} {' -> '.join(plan.direction)} {how} on {where}: {len(plan.train)} training and "
            f"{len(plan.validation)} validation pairs, {session.epoch_steps} steps an epoch, {session.options['epochs']} "
            f"epochs, seed {plan.seed}"
        )


Learnt = tuple[dict[str, Tensor], Tensor, Tensor]


def attempt(session: Session, pictures: tuple[Tensor, Tensor]) -> Learnt | str:
    """A step; when memory ran out, a sentence about how the next attempt is made. InputError when there is none."""
    try:
        return session.step(pictures)
    except (torch.OutOfMemoryError, RuntimeError) as error:
        # On the CPU torch raises a plain RuntimeError.
        if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
            raise
        return session.halve(error)


Feed = Callable[[int], tuple[Tensor, Tensor]]


@contextmanager
def feeding(session: Session) -> Iterator[Feed]:
    """Pictures of a step. For a GPU those of the next step are made meanwhile; a CPU has no one to spare."""
    if session.device.type == "cpu":
        yield session.batch
        return
    with ThreadPoolExecutor(1, thread_name_prefix="pictures") as pool:
        ahead: dict[int, Future[tuple[Tensor, Tensor]]] = {}

        def feed(step: int) -> tuple[Tensor, Tensor]:
            waiting = ahead.pop(step, None)
            if step + 1 < session.total_steps:
                ahead[step + 1] = pool.submit(session.batch, step + 1)
            return waiting.result() if waiting else session.batch(step)

        yield feed


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """Leave torch's own chance and settings as they were. GPUs choose their quickest algorithms, whose sums differ in
    the last digit from run to run; on a CPU two runs agree bit for bit."""
    devices = [device] if device.type == "cuda" else []
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        torch.backends.cudnn.benchmark = before

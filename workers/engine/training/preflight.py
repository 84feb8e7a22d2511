"""How long a training will take and how much memory it needs, by two real steps before it is queued."""

import resource
import time
from dataclasses import replace

import torch

from workers.engine.training.loop import attempt, reproducible
from workers.engine.training.pairs import steps_of_an_epoch
from workers.engine.training.plan import Preflight, TrainingPlan
from workers.engine.training.processes import join
from workers.engine.training.session import Session


def dry_run(plan: TrainingPlan) -> Preflight:
    """Take two real steps with the first pairs of the plan; nothing is written.

    The first step warms up, the second is measured. Memory is the peak of the GPU, or of this whole process on the CPU.
    Raises InputError as training would: for unreadable pictures, and when not even half of the batch fits.
    """
    batch = plan.options["batch"]
    processes = join(plan.device, batch)
    few = replace(plan, train=plan.train[: max(batch, 1)])
    with reproducible(processes.device):
        if processes.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(processes.device)
        session = Session(few, processes, lambda: None)
        seconds = 0.0
        for step in range(2):
            started = time.perf_counter()
            pictures = session.batch(step)
            while isinstance(attempt(session, pictures), str):
                continue
            if processes.device.type == "cuda":
                torch.cuda.synchronize(processes.device)
            seconds = time.perf_counter() - started
    shown = len(pictures[0]) * processes.world
    steps = steps_of_an_epoch(len(plan.train), batch, processes.world) * plan.options["epochs"]
    if processes.device.type == "cuda":
        memory = torch.cuda.max_memory_allocated(processes.device)
    else:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Preflight(
        images_per_second=shown / seconds,
        seconds=seconds / shown * batch * steps,
        memory_bytes=memory,
        batch=-(-batch // session.micro),
    )

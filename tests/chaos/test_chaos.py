"""Kill -9 of whatever can be killed: every job ends once, none is lost, the dead are noticed in time."""

import time

import pytest

pytestmark = [pytest.mark.live, pytest.mark.chaos]
LEASE = 4  # tests.live sets LEASE_SECONDS to this


@pytest.mark.parametrize("queue", ["interactive", "batch"])
@pytest.mark.parametrize("victim", ["worker", "child"])
def test_a_job_whose_process_is_killed_is_done_once_by_another(workbench, queue, victim):
    result = workbench.scenario("kill_one", queue, victim)
    assert result["states"] == {"succeeded": 1} and result["twice"] == 0
    assert result["attempt"] == 2 and result["losses"] == 1
    assert 0 <= result["noticed_s"] <= LEASE + 2
    workbench.wait_until(
        lambda: workbench.alive_queues() >= {"interactive", "batch"}, 60, "the dead worker to be replaced"
    )


def test_jobs_done_at_once_by_a_process_that_is_killed_are_each_done_once_by_another(workbench):
    result = workbench.scenario("kill_company")
    assert (result["together"], result["processes"]) == ([4] * 4, 1), "one process did all four"
    assert 0 <= result["noticed_s"] <= LEASE + 2
    assert result["cancelled"] == "cancelled" and result["states"] == {"cancelled": 1, "succeeded": 3}
    assert result["twice"] == 0 and result["succeeded_without_row"] == 0
    assert result["losses"] == [1] * 3
    assert result["together_after"] == [1] * 3, "what lost its worker is done alone, for one of them may be the cause"
    workbench.wait_until(lambda: workbench.alive_queues() >= {"interactive", "batch"}, 60, "the worker to be back")


def test_a_worker_killed_in_a_sharded_evaluation_costs_one_shard_and_changes_no_number(workbench):
    result = workbench.scenario("lost_shard", "12")
    assert result["disturbed"] == pytest.approx(result["undisturbed"], rel=1e-6)
    assert (result["lost"], result["losses"]) == (2, 1)
    assert len(result["attempts"]) == 3 and set(result["attempts"]) == {1}, "the other shards ran once"


def test_jobs_whose_wake_ups_are_lost_run_all_the_same(workbench):
    result = workbench.scenario("wipe_broker", "interactive")
    assert result["states"] == {"succeeded": 8} and result["twice"] == 0


@pytest.mark.timeout(600)
def test_sixty_jobs_and_twelve_kills_lose_nothing_and_double_nothing(workbench):
    result = workbench.scenario("storm", "60", "12", "25")
    assert result["kills"] == 12 and result["took_s"] >= 0
    assert sum(result["states"].values()) == 60 and set(result["states"]) <= {"succeeded", "failed"}
    assert result["twice"] == 0 and result["succeeded_without_row"] == 0
    assert result["states"]["succeeded"] >= 57, "a job is given up only after it lost three workers"
    workbench.wait_until(lambda: workbench.alive_queues() >= {"interactive", "batch"}, 90, "the workers to be back")


def test_a_killed_web_process_is_restarted(workbench):
    pids = [process.pid for process in workbench.processes() if "gunicorn" in " ".join(process.cmdline())]
    import os
    import signal

    os.kill(min(pids), signal.SIGKILL)
    time.sleep(0.5)
    workbench.wait_until(lambda: workbench.visitor.get("/healthz").status_code == 200, 40, "the web to be back")

"""How long the pages and answers of a dataset take, with 12,000 and with 500,000 pictures.

    python -m benchmarks.browse [--rows 12000 500000] [--repeats 60] [--json]

Fills a database of its own (a temporary SQLite file, kept in --folder for the next run; or the one of DATABASE_URL) with
synthetic rows, for each size one dataset "bench-<rows>" of pairs, eight pictures a person, and asks for each address
through Django's test client: routing, middleware, queries and templates, without a socket, in a process set up as the
server's. The sizes take turns, so that
both see the same machine. Reports p50 and p95 in milliseconds, the number of queries, and the ratio of the largest to the
smallest: of the processor's time where the database runs in this process (SQLite), which other programs do not disturb.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
FOLDER = next((after for word, after in pairwise(sys.argv) if word == "--folder"), None)
os.environ["DATA_DIR"] = FOLDER or tempfile.mkdtemp(prefix="browse-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

import mysite.wsgi  # noqa: E402, F401 - sets Django up just as the server does
from datasetviewer.models import Bookmarks, Dataset, Image, Pair, PersonNames, Subject  # noqa: E402
from datasetviewer.services import dataset_recount  # noqa: E402

A_PERSON = 8  # pictures: four pairs
BATCH = 5_000
WARM_UP = 3
SOURCES = ("CUHK", "AR", "XM2VTS")


def fill(rows: int) -> Dataset:
    """The dataset with `rows` pictures (rounded down to whole persons), filled unless it is there."""
    rows -= rows % A_PERSON
    slug = f"bench-{rows}"
    there = Dataset.objects.filter(slug=slug, summary__images=rows).first()
    if there is not None:
        if not all(kept.objects.filter(dataset=there).exists() for kept in (PersonNames, Bookmarks)):
            dataset_recount(dataset=there)
        return there
    Dataset.objects.filter(slug=slug).delete()
    dataset = Dataset.objects.create(slug=slug, name="Benchmark", layout="folders", public=True)
    for start in range(0, rows // A_PERSON, BATCH // A_PERSON):
        persons = range(start, min(start + BATCH // A_PERSON, rows // A_PERSON))
        subjects = Subject.objects.bulk_create(Subject(dataset=dataset, name=f"person-{n:06}") for n in persons)
        pairs = Pair.objects.bulk_create(
            Pair(dataset=dataset, subject=subject, key=f"{subject.name}-{n}", split=split_of(k))
            for k, subject in zip(persons, subjects, strict=True)
            for n in range(A_PERSON // 2)
        )
        Image.objects.bulk_create(
            image
            for k, pair in enumerate(pairs, start=start * (A_PERSON // 2))
            for image in (row(dataset, pair, k, "photo"), row(dataset, pair, k, "sketch"))
        )
    dataset_recount(dataset=dataset)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return dataset


def split_of(person: int) -> str:
    return "test" if person % 5 == 0 else "train"


def row(dataset: Dataset, pair: Pair, k: int, modality: str) -> Image:
    return Image(
        dataset=dataset, subject_id=pair.subject_id, pair=pair, modality=modality, split=pair.split,
        source=SOURCES[k % 3], key=f"{modality}s/{pair.key}.jpg", sha256=f"{k:063x}{modality == 'photo':d}",
        width=200 + k % 3, height=250, mode="L" if modality == "sketch" and k % 2 else "RGB", bytes=9_000, format="JPEG",
        landmark_source="detected" if k % 50 else "", landmarks=[[75, 125], [125, 125], [100, 150], [80, 180], [120, 180]],
        yaw=(k * 7919 % 121) - 60.0, pitch=0.0, roll=0.0,
        verdict=("rejected" if k % 97 == 0 else "kept"), verdict_reason=("side_face" if k % 97 == 0 else ""),
    )  # fmt: skip


def addresses(dataset: Dataset) -> dict[str, str]:
    """What is asked for. Deep ones lie in the middle of the dataset."""
    images = Image.objects.filter(dataset=dataset, modality="photo").order_by("key")
    n = images.count()
    middle = images[n // 2]
    page, api = f"/datasets/{dataset.slug}/", f"/api/v1/images/?dataset={dataset.slug}&page_size=60"
    last_tenth = f"{n // 4:06}"[: 2 if n > 100_000 else 3]  # the persons of the last tenth of the dataset, about
    last = Client(headers={"host": "localhost"}).get(f"{api}&cursor=").json()
    return {
        "list of datasets": "/datasets/",
        "grid, 60 pairs": f"{page}?size=60",
        "grid, 60 pictures": f"{page}?size=60&by=image",
        "grid, 60 persons": f"{page}?size=60&by=person",
        "grid, test photos": f"{page}?size=60&split=test&modality=photo",
        "grid, one source": f"{page}?size=60&source=AR",
        "grid, by person's name": f"{page}?size=60&sort=person",
        "grid, newest": f"{page}?size=60&sort=newest",
        "grid, rejected": f"{page}?size=60&by=image&verdict=rejected&reason=side_face",
        "grid, grey": f"{page}?size=60&by=image&colour=grey",
        "grid, yaw to 15": f"{page}?size=60&by=image&yaw_min=-15&yaw_max=15",
        "grid, search, few": f"{page}?size=60&q=000123",
        "persons, search, few": f"{page}?size=60&by=person&q=000123",
        "grid, search, some": f"{page}?size=60&q=12",
        "grid, search, many": f"{page}?size=60&q=person",
        "grid, search, at the end": f"{page}?size=60&q=person-{last_tenth}",
        "grid, search, filtered": f"{page}?size=60&q=12&modality=sketch",
        "grid, search, page 8": f"{page}?size=60&q=12&page=8",
        "persons, search, some": f"{page}?size=60&by=person&q=12",
        "grid, middle page": f"{page}?size=60&page={n // 120}",
        "grid, middle, backwards": f"{page}?size=60&page={n // 120}&sort=-key",
        "grid, middle, by person": f"{page}?size=60&page={n // 120}&sort=person",
        "grid, middle, by split": f"{page}?size=60&page={n // 120}&sort=split",
        "grid, middle, newest": f"{page}?size=60&page={n // 120}&sort=newest",
        "grid, middle, filtered": f"{page}?size=60&page={n // 240}&source=AR&split=train",
        "persons, middle page": f"{page}?size=60&by=person&page={n // 480}",
        "picture, middle": f"{page}images/{middle.pk}/",
        "picture, with a filter": f"{page}images/{middle.pk}/?split={middle.split}&by=image",
        "picture, by person": f"{page}images/{middle.pk}/?sort=person",
        "picture, with a search": f"{page}images/{middle.pk}/?q=12",
        "person": f"{page}subjects/{middle.subject.name}/",
        "statistics": f"{page}statistics/",
        "api, 60 pictures": api,
        "api, filtered": f"{api}&split=test&modality=sketch",
        "api, search, few": f"{api}&q=000123",
        "api, search, some": f"{api}&q=12",
        "api, search, many": f"{api}&q=person",
        "api, all datasets": "/api/v1/images/?page_size=60",
        "api, all, search, few": "/api/v1/images/?page_size=60&q=000123",
        "api, all, search, many": "/api/v1/images/?page_size=60&q=12",
        "api, all, middle page": f"/api/v1/images/?page_size=60&page={n // 60}",
        "api, middle page": f"{api}&page={n // 60}",
        "api, middle, filtered": f"{api}&page={n // 180}&split=train&modality=photo",
        "api, cursor": last["next"],
        "api, one dataset": f"/api/v1/datasets/{dataset.slug}/",
    }


def queries_of(address: str) -> int:
    client = Client(headers={"host": "localhost"})
    with CaptureQueriesContext(connection):
        connection.queries_log.clear()
        response = client.get(address)
        n_queries = len(connection.queries_log)
    assert response.status_code == 200, (address, response.status_code, response.content[:300])
    return n_queries


def measure(by_rows: dict[int, str], repeats: int) -> dict[int, dict[str, float]]:
    """Each address in turn, `repeats` times: milliseconds on the wall and of the processor, and the queries."""
    client = Client(headers={"host": "localhost"})
    wall: dict[int, list[float]] = {rows: [] for rows in by_rows}
    cpu: dict[int, list[float]] = {rows: [] for rows in by_rows}
    for repeat in range(repeats + WARM_UP):
        for rows, address in by_rows.items():
            began, used = time.perf_counter(), time.process_time()
            client.get(address)
            if repeat >= WARM_UP:
                wall[rows].append(1000 * (time.perf_counter() - began))
                cpu[rows].append(1000 * (time.process_time() - used))
    return {
        rows: {
            "p50": statistics.median(wall[rows]),
            "p95": percentile(wall[rows]),
            "cpu p95": percentile(cpu[rows]),
            "queries": queries_of(address),
        }
        for rows, address in by_rows.items()
    }


def percentile(times: list[float], share: float = 0.95) -> float:
    return sorted(times)[math.ceil(share * len(times)) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[12_000, 500_000])
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--folder", help="keeps the database for the next run")
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--explain", action="store_true", help="print the queries that took longest")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    asked: dict[str, dict[int, str]] = {}
    for rows in options.rows:
        began = time.perf_counter()
        dataset = fill(rows)
        print(f"{rows} rows filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        for name, address in addresses(dataset).items():
            if options.only in name:
                asked.setdefault(name, {})[rows] = address
    found = {}
    gc.collect()
    gc.freeze()  # as mysite/wsgi.py does once all is loaded
    for name, by_rows in asked.items():
        found[name] = measure(by_rows, options.repeats)
        if options.explain:
            explain(name, by_rows[max(by_rows)])
    load = os.getloadavg()[0]
    if options.json:
        print(json.dumps({"database": connection.vendor, "load": load, "results": found}))
        return
    smallest, largest = min(options.rows), max(options.rows)
    measured = "cpu p95" if connection.vendor == "sqlite" else "p95"
    print(f"{connection.vendor}, milliseconds, {options.repeats} repeats, load average {load:.1f}, ratio of {measured}")
    print(f"{'':26}" + "".join(f"{rows:>9} p50     p95 cpu p95 queries" for rows in options.rows) + "   ratio of p50")
    for name, result in found.items():
        columns = "".join(
            f"{m['p50']:13.1f} {m['p95']:7.1f} {m['cpu p95']:7.1f} {m['queries']:7.0f}" for m in result.values()
        )
        print(
            f"{name:26}{columns} {result[largest][measured] / result[smallest][measured]:7.2f} "
            f"{result[largest]['p50'] / result[smallest]['p50']:6.2f}"
        )


def explain(name: str, address: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        Client(headers={"host": "localhost"}).get(address)
    for query in sorted(queries.captured_queries, key=lambda query: -float(query["time"]))[:2]:
        print(f"  {name}: {float(query['time']) * 1000:.0f} ms {query['sql'][:1500]}", file=sys.stderr)


if __name__ == "__main__":
    main()

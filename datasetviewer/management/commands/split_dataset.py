"""manage.py split_dataset SLUG: list, draw, read, cut and apply the splits and protocols of a dataset."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datasetviewer.models import Dataset, Protocol, ProtocolKind, ProtocolUnit
from datasetviewer.selectors import newest_protocols, protocol_get, stored_coverage
from datasetviewer.services import (
    amount_of,
    protocol_apply,
    protocol_cut_validation,
    protocol_from_csv,
    split_draw,
)
from workers.engine.errors import InputError


class Command(BaseCommand):
    help = (
        "Splits and protocols of a dataset. Without options: list them with what the dataset can serve. "
        "Examples: --train 250 --seed 1 draws a split by person; --protocol cufs-268-338 --validation 0.1 --seed 1 cuts "
        "a validation part from its train; --csv my.csv --name mine stores an own list; --apply makes it the current split."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the dataset's short name")
        parser.add_argument("--protocol", metavar="NAME[@VERSION]", default="", help="a list of the dataset to work on")
        parser.add_argument(
            "--train", metavar="N", default="", help="draw: persons (250) or a part of them (0.8) train"
        )
        parser.add_argument("--validation", metavar="N", default="", help="cut this many persons (20, 0.1) from train")
        parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the drawing (default: 0)")
        parser.add_argument("--csv", metavar="FILE", type=Path, help="store an own list")
        parser.add_argument("--kind", default=ProtocolKind.SPLIT, choices=ProtocolKind.values, help="of the own list")
        parser.add_argument("--unit", default=ProtocolUnit.SUBJECT, choices=ProtocolUnit.values, help="what it names")
        parser.add_argument("--name", default="", help="name of the list that is drawn or stored")
        parser.add_argument("--apply", action="store_true", help="make it the current split of the pictures")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(slug=options["slug"]).first()
        if dataset is None:
            known = ", ".join(Dataset.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no dataset {options['slug']!r}. Known: {known}.", returncode=2)
        try:
            protocol = self._made(dataset, options)
            if protocol is None:
                self._print([*newest_protocols(dataset)], options["json"])
                return
            applied = protocol_apply(protocol=protocol) if options["apply"] else None
        except InputError as error:
            raise CommandError(str(error), returncode=2) from error
        protocol.refresh_from_db()
        self._print([protocol], options["json"])
        if applied is not None and not options["json"]:
            self.stdout.write(f"{protocol.label} is the current split; {applied} pictures have one.")

    def _made(self, dataset: Dataset, options: dict[str, Any]) -> Protocol | None:
        """The list that the options make or name; None when they only ask for the table."""
        ways = [name for name in ("protocol", "train", "csv") if options[name]]
        if len(ways) > 1:
            raise InputError(
                f"Choose one of --protocol, --train and --csv, not {' and '.join(f'--{w}' for w in ways)}."
            )
        validation = amount_of(options["validation"]) if options["validation"] else None
        if options["train"]:
            name = options["name"] or f"drawn-seed{options['seed']}"
            train = amount_of(options["train"])
            return split_draw(dataset=dataset, name=name, train=train, seed=options["seed"], validation=validation)[0]
        if options["csv"]:
            protocol = self._from_csv(dataset, options)
        elif options["protocol"]:
            name, _at, version = options["protocol"].partition("@")
            if version and not version.isdigit():
                raise InputError(f"{version!r} is not a version's number.")
            found = protocol_get(dataset=dataset, name=name, version=int(version) if version else None)
            if found is None:
                known = ", ".join(newest_protocols(dataset).values_list("name", flat=True)) or "none yet"
                raise InputError(f"{dataset.slug} has no list {options['protocol']!r}. Known: {known}.")
            protocol = found
        elif options["validation"] or options["apply"]:
            raise InputError("Say which list: --protocol NAME, --train N or --csv FILE.")
        else:
            return None
        if validation is not None:
            protocol = protocol_cut_validation(protocol=protocol, amount=validation, seed=options["seed"])[0]
        return protocol

    def _from_csv(self, dataset: Dataset, options: dict[str, Any]) -> Protocol:
        path = options["csv"].expanduser()
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
        return protocol_from_csv(
            dataset=dataset,
            name=options["name"] or path.stem.casefold().replace("_", "-"),
            kind=options["kind"],
            unit=options["unit"],
            content=content,
            file_name=path.name,
            owner=None,
        )[0]

    def _print(self, protocols: list[Protocol], as_json: bool) -> None:
        if as_json:
            rows = [
                {
                    "name": protocol.name,
                    "version": protocol.version,
                    "digest": protocol.digest,
                    "kind": protocol.kind,
                    "unit": protocol.unit,
                    "parts": protocol.coverage.get("parts", []),
                }
                for protocol in protocols
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        if not protocols:
            self.stdout.write("No list yet. Draw a split with --train 0.8 --seed 1, or store one with --csv FILE.")
        for protocol in protocols:
            self.stdout.write(f"{protocol.label}: {protocol.title or protocol.kind}")
            for part in stored_coverage(protocol):
                official = f", officially {part.official}" if part.official is not None else ""
                self.stdout.write(f"  {part.part}: {part.served} of {part.entries} served{official}")

"""The rooms and the arrows between them: each rule with its remedy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("stylized_face", "evaluation", "datasetviewer", "workers")  # arrows point from left to right only
ROOMS = (*APPS, "mysite")
HEAVY = {"torch", "torchvision", "scipy", "dlib", "safetensors"}
HEAVY_FREE_ENGINE = {"catalogue.py", "table.py", "weights_table.py", "geometry.py", "errors.py"}


def sources(room: str) -> list[Path]:
    return [file for file in sorted((ROOT / room).rglob("*.py")) if "migrations" not in file.parts]


def imports(file: Path, *, top_level_only: bool = False) -> set[str]:
    """Dotted names that a file imports."""
    tree = ast.parse(file.read_text())
    nodes = ast.iter_child_nodes(tree) if top_level_only else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = file.relative_to(ROOT).with_suffix("").parts[: -node.level] if node.level else ()
            module = ".".join([*package, *([node.module] if node.module else [])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


EVERY_FILE = [pytest.param(file, id=str(file.relative_to(ROOT))) for room in ROOMS for file in sources(room)]


@pytest.mark.parametrize("file", EVERY_FILE)
def test_arrows_between_rooms_point_down_only(file):
    room = file.relative_to(ROOT).parts[0]
    if room == "mysite":
        return
    forbidden = {"mysite", *APPS[: APPS.index(room)]}
    found = roots(imports(file)) & forbidden
    assert not found, (
        f"{room} must not know {found}: move the code down, or call it by dotted path from settings or a job"
    )


@pytest.mark.parametrize("file", EVERY_FILE)
def test_heavy_libraries_are_imported_in_the_engine_alone(file):
    parts = file.relative_to(ROOT).parts
    if parts[:2] == ("workers", "engine") and parts[-1] not in HEAVY_FREE_ENGINE:
        return
    found = roots(imports(file)) & HEAVY
    assert not found, f"{found} belongs under workers/engine: call an engine function from a job handler instead"


@pytest.mark.parametrize("file", [pytest.param(file, id=file.name) for file in sources("workers/engine")])
def test_the_engine_knows_no_django_no_celery_and_no_environment(file):
    found = roots(imports(file)) & {"django", "rest_framework", "celery", "kombu"}
    assert not found, f"the engine takes files and arrays; {found} belongs in the app's jobs.py"
    outside = {
        name for name in imports(file) if name.split(".")[0] == "workers" and not name.startswith("workers.engine")
    }
    assert outside <= {"workers"}, f"the engine imports nothing above it: {outside}"
    assert "environ" not in file.read_text(), (
        "hand the value in as an argument; only mysite/env.py reads the environment"
    )


@pytest.mark.parametrize("file", EVERY_FILE)
def test_layers_inside_an_app_point_down(file):
    parts = file.relative_to(ROOT).parts
    if parts[0] not in APPS or parts[1] == "engine":
        return
    layer = parts[1].removesuffix(".py")
    above = {"models": {"services", "selectors", "views", "api", "jobs"}, "selectors": {"services", "views", "api", "jobs"},
             "services": {"views", "api"}, "forms": {"views", "api", "jobs", "urls"}}.get(layer, set())  # fmt: skip
    found = {
        name
        for name in imports(file)
        if name.split(".")[0] == parts[0] and len(name.split(".")) > 1 and name.split(".")[1] in above
    }
    assert not found, f"views and api -> services and selectors -> models; {layer} imports {found}"


def test_the_environment_is_read_in_one_place():
    allowed = {
        "mysite/env.py", "mysite/celery.py", "mysite/wsgi.py",
        # These hand variables on to the processes they start; they configure nothing by them.
        "workers/celery_process.py", "workers/supervisor.py", "workers/tasks.py",
        "workers/management/commands/up.py", "workers/management/commands/work.py",
    }  # fmt: skip
    found = {
        str(file.relative_to(ROOT))
        for room in ROOMS
        for file in sources(room)
        if "os.environ" in file.read_text() or "getenv" in file.read_text()
    }
    assert found <= allowed, f"add the variable to mysite/env.py and settings.py: {found - allowed}"


def test_a_web_process_loads_no_heavy_library():
    code = (
        "import sys, mysite.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        f"print(sorted({HEAVY!r} & {{name.split('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "a module of the web imports an engine module that loads it"


def test_files_keep_to_one_concept_and_about_300_lines():
    long = {
        str(file.relative_to(ROOT)): count
        for room in ROOMS
        for file in sources(room)
        if (count := len(file.read_text().splitlines())) > 330
    }
    assert not long, f"make two of it: {long}"


def test_no_name_says_nothing():
    named = [
        str(path)
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.stem in {"utils", "util", "helpers", "helper", "common", "misc"}
    ]
    assert not named, f"name it after what it does: {named}"


def test_each_environment_variable_is_in_the_readme():
    tree = ast.parse((ROOT / "mysite" / "settings.py").read_text())
    names = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "env"
    }
    readme = (ROOT / "README.md").read_text()
    assert len(names) > 10
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []

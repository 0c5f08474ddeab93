"""The house keeps its plan: imports point down, engines name no task, rooms can be read alone."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import glassnet

SOURCE = Path(glassnet.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

LAYERS = (
    ("__main__",),
    ("cli",),
    ("__init__",),
    ("web",),
    ("api",),
    ("estimators",),
    ("comparison",),
    ("export", "explain"),
    ("run_model",),
    ("report", "tasks"),
    ("insight.views",),
    ("insight.measures",),
    ("training",),
    ("inference",),
    ("drawing.notebook",),
    ("drawing.paper", "drawing.screen", "drawing.terminal"),
    ("drawing.layout",),
    ("drawing.kinds", "drawing.palette", "drawing.tokens", "drawing.typeset"),
    ("drawing.fonts",),
    ("data", "runs"),
    ("contract",),
    ("findings",),
    ("allocator", "parallel", "stats"),
    ("class_labels", "config", "formats", "png", "progress", "seeding"),
    ("atomic", "checksum", "jupyter"),
    ("errors",),
    ("scripts", "visible"),
)
"""Top to bottom. A package may import from the rows below its own, and from itself."""

FORBIDDEN = {
    "tasks": {"insight"},
    "export": {"insight", "report", "drawing"},
    "estimators": {"insight", "explain", "report", "drawing"},
    "cli": {"report", "drawing", "training", "insight", "seeding"},
    "report": {"tasks", "training", "inference", "insight", "data", "runs", "contract", "config"},
    "drawing": {"data", "runs", "contract", "config", "seeding"},
    "insight": {"data", "runs", "training", "config", "atomic", "seeding"},
    "runs": {"contract", "config", "findings", "seeding"},
    "data": {"findings", "config", "seeding"},
}
"""Packages below that a package could import and must not."""

DOORS = {"__main__", "__init__", "cli", "estimators"}
ENGINES = {name for layer in LAYERS for name in layer} - DOORS - {"tasks"}
TASKS = ("cnn", "vae", "lstm")
NAMED_ON_PURPOSE = {
    ("api/verbs.py", "cnn"),  # the default of `train`
    ("drawing/palette.py", "lstm"),  # a kind of layer, torch.nn.LSTM, not the task
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def package(module: str) -> str:
    """`glassnet.runs.folder` is in `runs`; a name of the top package itself is `__init__`'s."""
    parts = module.removeprefix("glassnet").lstrip(".").split(".")
    if parts[0] in ("insight", "drawing") and len(parts) > 1:  # sorted further
        return ".".join(parts[:2])
    known = (SOURCE / parts[0]).is_dir() or (SOURCE / f"{parts[0]}.py").exists()
    return parts[0] if parts[0] and known else "__init__"


def imports(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    """Every module of glassnet that a file imports, wherever in it the import stands."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if at_run_time and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            skipped.update(ast.walk(node))
    for node in ast.walk(tree(path)):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("glassnet"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            if (node.module or "").split(".")[0] == "glassnet":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> dict[str, Path]:
    """Dotted name -> file."""
    dotted = {}
    for path in FILES:
        parts = ["glassnet", *path.relative_to(SOURCE).with_suffix("").parts]
        dotted[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return dotted


def test_every_package_has_its_place_in_the_layers() -> None:
    packages = {package(dotted) for dotted in modules()} - {"insight", "drawing"}
    assert packages == {name for layer in LAYERS for name in layer}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    height = {name: -row for row, layer in enumerate(LAYERS) for name in layer}
    mine = package(name_of(path).removesuffix(".py").replace("/", "."))
    forbidden = FORBIDDEN.get(mine.split(".")[0], set())
    for module in imports(path):
        other = package(module)
        if other == mine:
            continue
        assert height[other] < height[mine], f"{mine} may not import {module}"
        assert other.split(".")[0] not in forbidden, f"{mine} must not import {module}"


def test_tasks_do_not_know_each_other() -> None:
    for path in (SOURCE / "tasks").glob("*/*.py"):
        for module in imports(path):
            parts = module.split(".")
            if parts[1] == "tasks" and (SOURCE / "tasks" / parts[2]).is_dir():
                assert parts[2] == path.parent.name, f"{name_of(path)} imports {module}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {
        dotted: {
            target if target in known else target.rpartition(".")[0]
            for target in imports(path, at_run_time=True)
        }
        & set(known)
        for dotted, path in known.items()
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for other in graph[module] - {module}:
                visit(other, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def words_in_code(path: Path) -> Iterator[tuple[int, str]]:
    """Identifiers and string constants with their lines; docstrings are not code."""
    docs = {
        id(node.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree(path)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in docs:
                yield line, node.value
            continue
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(word := getattr(node, field, None), str):
                yield line, word


def engine_files() -> list[Path]:
    return [
        path
        for path in FILES
        if package(f"glassnet.{name_of(path)[:-3]}".replace("/", ".")) in ENGINES
    ]


def test_texts_are_printed_where_they_are_made_visible() -> None:
    printing = {
        name_of(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"print", "click.echo", "click.secho", "sys.stdout.write"}
    }
    assert printing == {"cli/echo.py", "progress.py"}


def test_engines_name_no_task() -> None:
    named = {
        (name_of(path), task): f"{name_of(path)}:{line}: {word!r}"
        for path in engine_files()
        for line, word in words_in_code(path)
        for task in TASKS
        if re.search(rf"(?<![a-z]){task}(?![a-z])", word.lower())
    }
    assert {place: found for place, found in named.items() if place not in NAMED_ON_PURPOSE} == {}


def test_the_search_for_task_names_finds_them() -> None:
    """It would be no guard if it looked past them: it sees the default of `api.train`."""
    assert "cnn" in {word for _, word in words_in_code(SOURCE / "api" / "verbs.py")}
    assert len(engine_files()) > 30


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_can_be_read_alone(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert not {*path.relative_to(SOURCE).with_suffix("").parts} & {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "misc",
    }
    first = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
    assert len(first) > 10, "the first line says what the file is for"
    assert first.endswith((".", ":")), first


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAKES_CLAIMS = ("insight", "inference", "tasks", "report", "explain", "comparison")
CLAIMS_OF_RUN_JSON = {"claims_file.from_json(test.get('claims', ()))"}
"""What the head of a report quotes: claims that a recorder collected when the run was evaluated."""


@pytest.mark.parametrize(
    "path", [p for p in FILES if name_of(p).startswith(MAKES_CLAIMS)], ids=name_of
)
def test_every_claim_goes_through_a_recorder(path: Path) -> None:
    """A number is formatted by recording it, so that no sentence states one without its claim."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.keyword) and node.arg == "claims":
            by_hand = ast.unparse(node.value) not in {"record.claims", *CLAIMS_OF_RUN_JSON}
            assert not by_hand, f"{name_of(path)}:{node.value.lineno}: claims by hand"
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) != "Claim", f"{name_of(path)}:{node.lineno}"
        if isinstance(node, ast.Attribute) and node.attr == "formatted":
            assert name_of(path).startswith("report"), f"{name_of(path)}:{node.lineno}: unrecorded"


TAKES_TEXT_APART = names("""
    removeprefix removesuffix split rsplit partition rpartition startswith endswith
    match fullmatch search findall finditer sub
""")
WORDS_ARE_TAKEN_APART = {
    "findings/claims.py": "hyphens before numbers become minus signs",
    "explain/missing_views.py": "the name of a view, and white space of an error",
    "drawing/fonts.py": "names of Unicode's characters",
    "drawing/kinds.py": "the name of a class, which that of its module follows from",
    "drawing/layout/highlighted_text.py": "words, line breaks and scripts of the user's texts",
    "drawing/paper/style.py": "a length with its unit, as the user gives it",
    "drawing/paper/table.py": "the longest word of a cell, which is not broken",
    "drawing/screen/thumbnails.py": "white space of the user's texts",
    "drawing/terminal/findings.py": "a legend, broken into lines",
    "drawing/terminal/text.py": "white space of the user's texts",
    "drawing/typeset.py": "lines",
    "class_labels.py": "white space of the user's class names",
    "explain/captions.py": "the full stop and the white space of a caption",
    "explain/elsewhere.py": "the last part of a path",
    "explain/figure_data.py": "white space of titles and words",
    "findings/compare.py": "numerals of two texts, which may differ on two machines",
    "stats/folds.py": "a splitter of scikit-learn, no text",
    "insight/measures/text_shifts.py": "words of the user's texts",
    "insight/views/__init__.py": "names of modules",
    "report/formatting.py": "numbers and their units, which stay on one line",
}
"""File -> why it may take a text apart."""


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in FILES
        if name_of(p).startswith(("insight", "findings", "explain", "report", "drawing"))
    ],
    ids=name_of,
)
def test_nothing_is_read_from_words(path: Path) -> None:
    """What a program needs is a field of a finding; words are made last, and never read again."""
    lines = {
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TAKES_TEXT_APART
        and ast.unparse(node.func.value) not in ("np", "numpy")
    } | {
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
        and isinstance(node.comparators[0], ast.Attribute)
        and node.comparators[0].attr in ("name", "label", "title", "summary", "note", "caption")
    }
    assert bool(lines) == (name_of(path) in WORDS_ARE_TAKEN_APART), f"{name_of(path)}:{lines}"


PRIVATE_WORDS = names("""
    told telling teller say says said saying keep keeps kept keeper held look looks looked
    seen asked asks asking answer answers answered answering answerer
    chances twin twins badge badges gauge gauges planes following
    familiarity familiar unlike alarm alarms judge judges judged judging suspect suspects suspicion
    reader readers company takeaway picture pictures showing explaining verifying facts
    mosaic mosaics passage passages sheet sheets strip strips reading readings
    film films walk walks latent receipt receipts rooms house doors floors
    together heart costs least
""")
"""Words of identifiers, files, flags and keys that stood for something that has a name of its own
in the field. They may not come back."""

PRIVATE_NAMES = names("""
    ngram_say layer_map told_right go_on take_over same_start by_heart drawing_lots words_of
    of_company vector_dropout bound_samples bound_examples elbo_bound importance_weighted_bound
    --twins --judge --words --least --longest --units --vectors --buckets --ngram-say
    --latent --hidden --clip --average --bound-samples --bound-examples --size
    receipts.json twins-table where-curves where-table suspects-table
""")
"""Whole names that may not come back, though each of their words may."""

ALLOWED = names("""
    rstrip lstrip strip splitlines follow_symlinks DictReader reader walk _walk
    latents latent_dim latent_model latent_map latent_map.py latent_space LatentModel
    latent-map latent-map-points latent-space
    contact_sheet sprite_sheet spriteSheet film_strip film-strip max_strip_frames max_strip_rows
    held_out neighbours_kept neighboursKept keep_units examples_seen min_examples_seen
""")
"""Names of libraries and of the field that have a private word in them."""

STATIC = sorted((SOURCE / "report" / "static").iterdir())
IDENTIFIER = re.compile(r"-{0,2}[A-Za-z_][\w-]*(\.json)?")


def parts_of(name: str) -> set[str]:
    """The lower-case words of a name in any style: `fooBar`, `foo_bar`, `--foo-bar`."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def is_private(name: str) -> bool:
    if name.strip("_").lower() in ALLOWED or name in ALLOWED:
        return False
    return name in PRIVATE_NAMES or not PRIVATE_WORDS.isdisjoint(parts_of(name))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_names_are_the_words_of_the_field(path: Path) -> None:
    """Identifiers, keys and flags; a string that is a single word is taken for a key or a flag."""
    private = {
        f"{line}: {word}"
        for line, word in words_in_code(path)
        if IDENTIFIER.fullmatch(word) and is_private(word)
    }
    assert private | {part for part in path.relative_to(SOURCE).parts if is_private(part)} == set()


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_templates_and_scripts_use_the_words_of_the_field(path: Path) -> None:
    """Identifiers, keys and class names: words with a dot before them or joined of several."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(r"\b[a-z]+(?:[-_A-Z]\w*)+|(?<=\.)[a-z]\w+", text))
    assert {name for name in found if is_private(name)} == set()


@pytest.mark.parametrize("name", ["told", "ngram_say", "receipts.json", "--twins", "FilmTrack"])
def test_private_names_are_recognised(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize("name", ["rstrip", "latent_dim", "probabilities", "claims.json", "--data"])
def test_names_of_the_field_are_let_through(name: str) -> None:
    assert not is_private(name)


def test_the_table_of_renames_names_files_that_exist() -> None:
    table = Path(__file__).parents[1] / "benchmarks" / "renames.csv"
    with table.open(newline="") as stream:
        files = [row for row in csv.DictReader(stream) if row["where"] == "file"]
    assert len(files) > 100
    assert [row["old"] for row in files if (SOURCE / row["old"]).is_file()] == []
    assert [row["new"] for row in files if not (SOURCE / row["new"]).is_file()] == []


def test_the_guide_to_the_architecture_names_files_that_exist() -> None:
    page = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = set(re.findall(r"`([\w/]+\.(?:py|js))`", page)) - {"tests/test_architecture.py"}
    assert len(files) > 20
    assert [name for name in files if not (SOURCE / name).is_file()] == []


TESTS = sorted(Path(__file__).parent.rglob("*.py"))


def test_every_module_of_tests_has_its_own_name() -> None:
    """pytest imports them by name alone, whatever folder they are in."""
    modules = [path.name for path in TESTS if path.name not in ("conftest.py", "__init__.py")]
    assert sorted(modules) == sorted(set(modules))


NOT_OURS = {"_replace", "_forward_hooks", "_repr_html_", "_repr_png_"}
"""Members of named tuples and of torch's modules, and what notebooks call."""


def private_names(path: Path) -> Iterator[str]:
    """Private names of other objects and modules that a file uses, with their lines."""
    for node in ast.walk(tree(path)):
        found: list[str] = []
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) != "self":
            found = [node.attr]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and "attr" in ast.unparse(node.func):  # setattr and others
            found = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
        for name in found:
            last = name.rpartition(".")[2]
            if re.fullmatch(r"_[a-z]\w*", last) and last not in NOT_OURS:
                yield f"{getattr(node, 'lineno', 0)}: {last}"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_tests_test_behaviour(path: Path) -> None:
    """Private names may change freely; and what tests share is in modules that contain no tests."""
    assert path == Path(__file__) or list(private_names(path)) == []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {getattr(node, "module", "") or "", *(alias.name for alias in node.names)}
            assert not {name for name in modules if name.split(".")[-1].startswith("test_")}


def test_private_names_in_tests_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "from a import _b\nc._d()\npatch.setattr(a, '_e', 1)\npatch.setattr('a.b._f', 1)\n"
        "self._g = 1\nh = _i\n__name__.j(k._replace())\n"
    )
    assert sorted(private_names(path)) == ["1: _b", "2: _d", "3: _e", "4: _f"]

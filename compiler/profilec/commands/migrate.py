"""profilec migrate: what people have -> registries, with a word on everything that is not what it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from profilec.commands.files import write_files
from profilec.commands.options import with_session
from profilec.commands.session import Session
from profilec.diagnostics import Diagnostic, Report, Span
from profilec.rendering.render import as_json, render
from profilec.rendering.terminal import visible
from profilec.states import Text, Value

if TYPE_CHECKING:
    from profilec.config import Config
    from profilec.migration import Migrated
    from profilec.migration.remarks import Remarks
    from profilec.syntax.tree import Tree

_FILE_SUFFIXES = (".yaml", ".yml", ".json")


class Request(NamedTuple):
    """What was asked for. `slug` and `output` are None where they are left to the inputs."""

    origin: str
    output: str | None
    check: bool
    slug: str | None
    force: bool
    keep_credentials: bool


class Output(NamedTuple):
    """A registry that was made: its text, and the file it goes to, or None for standard output."""

    migrated: Migrated
    text: str
    path: Path | None

    def name(self, root: Path) -> str:
        """What findings call it."""
        from profilec.sources.files import display_name

        return display_name(self.path, self.path, root) if self.path else f"<{self.migrated.file}>"


@click.command(
    epilog="""\b
Examples:
  profilec migrate ~/.config/pinocchio/profiles.yaml -o registries/mine.yaml
  profilec migrate profiles.yaml --check              only tell what would become of it
  profilec migrate bundle.yaml -o registries          a file for each registry in it
  profilec migrate --from litellm config.yaml --slug proxy
  profilec migrate --from models-dev models.dev -o registries/catalog"""
)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option(
    "--from",
    "origin",
    type=click.Choice(["legacy", "litellm", "models-dev"]),
    default="legacy",
    show_default=True,
    help="What the FILEs are: older profiles, a proxy's config.yaml, a directory of models.dev.",
)
@click.option("-o", "--output", type=click.Path(), metavar="FILE|DIR", help="Where to. [default: standard output]")
@click.option("--check", is_flag=True, help="Write nothing, only tell; exit 1 if anything would be migrated.")
@click.option("--slug", metavar="NAME", help="What a registry without a slug is called. [default: its file's name]")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option(
    "--keep-credentials", is_flag=True, help="Keep credentials as they are, in files that only their owner can read."
)
@with_session
def command(
    session: Session,
    files: tuple[str, ...],
    origin: str,
    output: str | None,
    check: bool,
    slug: str | None,
    force: bool,
    keep_credentials: bool,
) -> None:
    """Turn older profiles, or another program's models, into registries.

    What is kept under another name and what is left out, and why, is told on standard error with its place. A file that
    is a registry already is left alone.
    """
    request = Request(origin, None if output == "-" else output, check, slug, force, keep_credentials)
    report = Report(session.config.rules)
    made: list[Migrated] = []
    current: list[str] = []
    for file in files:
        found = _migrate(file, request, session.config, report)
        if found is None:
            current.append(file)
        else:
            made.extend(found)
    if report.has_errors:
        _end(session, report)
    outputs = [] if check else _outputs(session, made, request)
    checked = outputs or [Output(each, _text(each, ".yaml"), None) for each in made]
    _validate(checked, session.config.root, report)
    if not check:
        written = {each.path: each.text for each in outputs if each.path}
        read = (path for file in files for path in _read(Path(file)))
        write_files(session, written, read=read, force=force, private=keep_credentials)
    _tell(session, request, report, outputs, made, current)


def _read(place: Path) -> Iterator[Path]:
    """The files of an input, which may be a directory of tables."""
    yield from place.rglob("*.toml") if place.is_dir() else [place]


def _migrate(file: str, request: Request, project: Config, report: Report) -> list[Migrated] | None:
    """The registries of one input, or None where there is nothing to do."""
    from profilec.rendering.excerpts import with_excerpts

    # Two inputs may have one name in findings, so each has excerpts of its own.
    found, texts = Report(project.rules), list[Text | Value]()
    made = _registries(file, request, project.root, texts, found)
    report.extend(with_excerpts(found, texts))
    return made


def _registries(
    file: str, request: Request, root: Path, texts: list[Text | Value], report: Report
) -> list[Migrated] | None:
    from profilec.migration.remarks import Remarks

    remarks = Remarks()
    if request.origin == "models-dev":
        made = _of_catalog(file, remarks, report)
    else:
        tree = _tree(file, root, texts, report)
        if tree is None:
            return []
        read = _of_proxy if request.origin == "litellm" else _of_older
        made = read(tree, request.slug or Path(file).stem, request.keep_credentials, remarks, report)
        if request.origin == "legacy" and not remarks.has_changes and not report.has_errors:
            return None
    remarks.report(report)
    return made


def _of_catalog(directory: str, remarks: Remarks, report: Report) -> list[Migrated]:
    from profilec.migration.models_dev import migrate
    from profilec.sources.tables import read_tables

    tables = read_tables(Path(directory), report)
    if not report.has_errors and not any(each.endswith("provider.toml") for each in tables):
        hint = "name the directory with `providers/`, or one provider's"
        report.error("not-a-registry", f"`{directory}` holds no `provider.toml`", Span(directory), hint=hint)
    return migrate(tables, remarks)


def _of_proxy(tree: Tree, name: str, keep: bool, remarks: Remarks, report: Report) -> list[Migrated]:
    from profilec.migration.litellm.read import migrate

    has_list = isinstance(tree.value, dict) and "model_list" in tree.value
    if has_list and isinstance(tree.value["model_list"], list):
        return migrate(tree, name, remarks, keep)
    message = "`model_list` is no list" if has_list else "the document has no `model_list`"
    span = tree.key_span(tree.value, "model_list") if has_list else tree.span()
    report.error("not-a-registry", message, span, hint="name a proxy's `config.yaml`")
    return []


def _of_older(tree: Tree, name: str, keep: bool, remarks: Remarks, report: Report) -> list[Migrated]:
    from profilec.migration.legacy import migrate, shape_of

    if shape_of(tree.value) is not None:
        return migrate(tree, name, remarks, keep)
    message = "the document is neither a registry nor what one was written as"
    report.error("not-a-registry", message, tree.span(), hint="name another format with `--from`")
    return []


def _tree(file: str, root: Path, texts: list[Text | Value], report: Report) -> Tree | None:
    """The document of a file with its places, or None where it has none."""
    from profilec.passes.parse import read_tree
    from profilec.sources import read_one

    found = read_one(Path(file), root, report)
    if found is None:
        return None
    texts.append(found[0])
    return read_tree(found[0], report)


def _outputs(session: Session, made: Sequence[Migrated], request: Request) -> list[Output]:
    """Each registry with its text and its place."""
    slugs = [each.slug for each in made]
    double = sorted({each for each in slugs if slugs.count(each) > 1})
    if double:
        hint = "migrate one at a time, with `--slug NAME` where it has none of its own"
        session.fail(
            [Diagnostic("duplicate-registry", "error", f"two registries are called `{s}`", hint=hint) for s in double],
            1,
        )
    if request.output is None:
        if len(made) > 1:
            raise click.UsageError(f"there are {len(made)} registries: name a directory for them with `-o DIR`")
        return [Output(each, _text(each, ".yaml"), None) for each in made]
    place = Path(request.output)
    if place.suffix.lower() in _FILE_SUFFIXES and not place.is_dir():
        if len(made) > 1:
            raise click.UsageError(f"there are {len(made)} registries, and `{place}` holds one: name a directory")
        return [Output(each, _text(each, place.suffix.lower()), place) for each in made]
    return [Output(each, _text(each, ".yaml"), place / each.file) for each in made]


def _text(migrated: Migrated, suffix: str) -> str:
    from profilec.syntax.dump import to_json, to_yaml

    if suffix == ".json":
        return to_json(migrated.document)
    return (f"# {migrated.heading}\n" if migrated.heading else "") + to_yaml(migrated.document)


def _validate(outputs: Sequence[Output], root: Path, report: Report) -> None:
    """Findings about what was made. What it stacks on may well be somewhere else."""
    from profilec.passes.link import link
    from profilec.passes.parse import parse
    from profilec.rendering.excerpts import with_excerpts

    found = Report()
    texts = []
    documents = []
    for each in outputs:
        name = each.name(root)
        text = Text(name, each.text, "json" if name.endswith(".json") else "yaml")
        texts.append(text)
        if document := parse(text, "embed", found):
            documents.append(document)
    if not found.has_errors and documents:
        link(documents, None, found)
    errors = (each for each in found if each.severity == "error" and each.rule != "unknown-registry")
    report.extend(with_excerpts(errors, texts))


def _end(session: Session, report: Report) -> None:
    found = list(report)
    errors = [each for each in found if each.severity == "error"]
    session.fail(found, 3 if all(each.environment for each in errors) else 1)


def _tell(
    session: Session,
    request: Request,
    report: Report,
    outputs: Sequence[Output],
    made: Sequence[Migrated],
    current: Sequence[str],
) -> None:
    """Everything at the end: the product, the remarks, one line of what was done."""
    found = list(report)
    if session.form == "json":
        session.product(as_json(found, outputs=_described(outputs, made), current=list(current)))
    else:
        sys.stderr.write(render(found, session.form, session.paint_findings))
        for each in outputs:
            if each.path is None:
                session.product(each.text)
        for file in current:
            session.say(f"{visible(file)} is a registry already: nothing to do")
        _sum_up(session, request, outputs, made, current, found)
    if report.has_errors or (request.check and made):
        raise click.exceptions.Exit(1)


def _described(outputs: Sequence[Output], made: Sequence[Migrated]) -> list[dict[str, object]]:
    if not outputs:
        return [{"registry": each.slug, "profiles": len(each.document.get("profiles") or ())} for each in made]
    return [
        {
            "registry": each.migrated.slug,
            "profiles": len(each.migrated.document.get("profiles") or ()),
            "file": each.path.as_posix() if each.path else None,
            **({} if each.path else {"text": each.text}),
        }
        for each in outputs
    ]


def _sum_up(
    session: Session,
    request: Request,
    outputs: Sequence[Output],
    made: Sequence[Migrated],
    current: Sequence[str],
    found: Sequence[Diagnostic],
) -> None:
    for each in outputs:
        if each.path:
            session.say(f"wrote {visible(str(each.path))}")
    if not made and not current:
        session.say("no registry was made")
    if made:
        profiles = sum(len(each.document.get("profiles") or ()) for each in made)
        done = "to migrate" if request.check else "migrated"
        registries = f"{len(made)} registr{'y' if len(made) == 1 else 'ies'}"
        counted = session.counted(found).partition(" (--verbose")[0]
        session.say(f"{done}: {registries}, {profiles} profile{'s' * (profiles != 1)}{counted}")

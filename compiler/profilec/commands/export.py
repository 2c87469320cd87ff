"""profilec export: compiled profiles -> files of stable names, or another program's configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from profilec.commands.files import files_read, unwritable, write_files
from profilec.commands.options import with_reading, with_session
from profilec.commands.session import Reading, Session
from profilec.diagnostics import Diagnostic, Report, Span
from profilec.rendering.render import as_json
from profilec.rendering.terminal import visible
from profilec.replacing import replace_file
from profilec.states import FORMAT, Artifact, Build


@click.command(
    epilog="""\b
Examples:
  profilec export rendered                 rendered/team-agent/assistant.json and the others
  profilec export rendered --check         in CI: are the committed files up to date?
  profilec export --to litellm -o config.yaml
  profilec export --to litellm --profile team-agent/assistant --source registries"""
)
@click.argument("place", required=False, type=click.Path(), metavar="[DIRECTORY]")
@click.option("--to", "target", type=click.Choice(["litellm"]), help="Write this program's configuration instead.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Where to. [default: standard output]")
@click.option("--profile", "names", multiple=True, metavar="NAME", help="Only this profile; may be repeated.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything would change.")
@click.option("--force", is_flag=True, help="Replace a configuration that is there.")
@with_reading
@with_session
def command(
    session: Session,
    reading: Reading,
    place: str | None,
    target: str | None,
    output: str | None,
    names: tuple[str, ...],
    check: bool,
    force: bool,
) -> None:
    """Write each artifact into DIRECTORY, under the name REGISTRY/PROFILE.json, and remove those that are gone.

    Files of other kinds are left alone. With --to litellm the profiles that name a model become a `model_list`;
    credentials are written as references alone, and what a model_list has no place for is told.
    """
    output = None if output == "-" else output
    if target is None:
        if place is None:
            raise click.UsageError("name a directory, or a program with `--to`")
        if output is not None or names or force:
            raise click.UsageError("`-o`, `--profile` and `--force` go with `--to`")
        _files(session, session.open(reading, is_judged=True), Path(place), check)
        return
    if place is not None:
        raise click.UsageError(f"`--to {target}` writes one file: name it with `-o`")
    if check and output is None:
        raise click.UsageError("`--check` compares with a file: name it with `-o`")
    _to_litellm(session, reading, output, names, check, force)


def _files(session: Session, build: Build, root: Path, check: bool) -> None:
    """The artifacts under stable names. A file is replaced or removed only where it is an artifact of its name."""
    if build.manifest["inputs"]["secrets"] == "embed":
        message = "the build holds credentials, and an export is for others to see"
        session.fail([Diagnostic("literal-credential", "error", message, hint="build with `--secrets reference`")], 1)
    wanted = {f"{name}.json": artifact for name, artifact in build.artifacts.items()}
    there = _exported(root)
    changed = {path: each for path, each in wanted.items() if there.get(path) != each.data}
    gone = sorted(there.keys() - wanted.keys())
    foreign = _in_the_way(root, changed.keys() - there.keys(), {path.partition("/")[0] for path in (*wanted, *gone)})
    if foreign:
        session.fail(foreign, 1)
    if check:
        if changed or gone:
            session.fail([_stale(str(root), "export DIRECTORY")], 1)
    else:
        _write(session, root, changed, gone)
    if session.form == "json":
        counts = {"written": len(changed), "unchanged": len(wanted) - len(changed), "removed": len(gone)}
        session.product(as_json([], output=str(root), files=counts))
    counted = f"{len(changed)} files written, {len(wanted) - len(changed)} unchanged"
    removed = f", {len(gone)} removed" if gone else ""
    session.say(f"{visible(str(root))}{' is up to date' if check else f': {counted}{removed}'}")


def _in_the_way(root: Path, new: Iterable[str], folders: Iterable[str]) -> list[Diagnostic]:
    """What stands where an artifact goes and is none; and links, which would make the export write somewhere else."""
    taken = [root / path for path in sorted(new) if os.path.lexists(root / path)]
    links = [root / folder for folder in sorted(folders) if (root / folder).is_symlink()]
    return [_foreign(path) for path in (*taken, *links)]


def _exported(root: Path) -> dict[str, bytes]:
    """The artifacts below a directory that lie under their own names, by path."""
    from profilec.encode import decode

    found = {}
    for path in sorted(root.glob("*/*.json")):
        try:
            data = path.read_bytes()
            document = decode(data)
        except (OSError, ValueError):
            continue
        name = path.relative_to(root).as_posix()
        if isinstance(document, dict) and document.get("format") == FORMAT:
            own = f"{document.get('registry_slug')}/{document.get('profile_slug')}.json"
            if own == name:
                found[name] = data
    return found


def _write(session: Session, root: Path, changed: dict[str, Artifact], gone: list[str]) -> None:
    try:
        for path, artifact in changed.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            replace_file(root / path, artifact.data, is_private=False)
        for path in gone:
            (root / path).unlink()
            if not any((root / path).parent.iterdir()):
                (root / path).parent.rmdir()
    except OSError as error:
        session.fail([unwritable(error)], 3)


def _to_litellm(
    session: Session, reading: Reading, output: str | None, names: tuple[str, ...], check: bool, force: bool
) -> None:
    from profilec.migration.litellm.write import model_list
    from profilec.review.find import find
    from profilec.syntax.dump import to_yaml

    build = session.open(reading, is_judged=True)
    report = Report(session.config.rules)
    chosen = session.asking(lambda: [find(build, name) for name in names]) if names else build.artifacts.values()
    artifacts = list({each.name: each for each in chosen}.values())
    deployments = model_list([each.document for each in artifacts], report)
    text = to_yaml({"model_list": deployments})
    found = list(report)
    if not deployments:
        message = "no profile names a model" if not names else "none of these profiles names a model"
        session.fail([*found, Diagnostic("no-model", "error", message, hint="`profilec list` shows the models")], 1)
    path = Path(output) if output is not None else None
    if check and path is not None:
        if not path.is_file() or path.read_bytes() != text.encode():
            session.fail([*found, _stale(str(path), "export --to litellm -o FILE")], 1)
    elif path is not None:
        write_files(session, {path: text}, read=files_read(session, reading, build), force=force)
    if session.form == "json":
        more = {"file": path.as_posix()} if path else {"text": text}
        session.product(as_json(found, models=len(deployments), **more))
        return
    session.tell(found)
    if path is None:
        session.product(text)
    profiles = f"{len(deployments)} of {len(artifacts)} profiles as models"
    done = "is up to date:" if check else "wrote"
    session.say(f"{done} {visible(str(path)) if path else 'a model_list'}: {profiles}{session.counted(found)}")


def _foreign(path: Path) -> Diagnostic:
    return Diagnostic(
        "already-there",
        "error",
        f"`{path}` is there already, and no artifact; nothing was written",
        Span(str(path)),
        hint="remove it, or name another directory",
    )


def _stale(place: str, again: str) -> Diagnostic:
    message, hint = f"`{place}` is not what the build holds", f"run `profilec {again}`, and commit what it writes"
    return Diagnostic("stale-build", "error", message, Span(place), hint=hint)

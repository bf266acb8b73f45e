"""What `veinway doctor` looks at: folders, space, libraries, contracts, register, files and leftovers; each as one sign."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from dagster_project import register
from dagster_project.contracts import contracts
from dagster_project.home import home
from dagster_project.intake import engine, limits
from dagster_project.intake.keeping.files import abandoned, clear_abandoned
from dagster_project.intake.keeping.orphans import orphans, set_aside
from dagster_project.intake.workshop import UnfinishedError, run
from dagster_project.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Callable

DISTRIBUTION = "veinway"
# Room for the largest file as it was sent, its rows, and what is spilled while it is read would be more; this is when to look.
LEAST_FREE_BYTES = 5_120 * limits.MEGABYTE
DETAILS_SHOWN = 20
START_SECONDS = 60.0


@dataclass(frozen=True)
class Sign:
    """One thing looked at: how it is, in words, and what to do when it is not well."""

    is_well: bool
    words: str
    details: tuple[str, ...] = ()
    advice: str = ""
    can_repair: bool = False


def look_over(*, repair: bool) -> list[Sign]:
    """Look at everything; with `repair`, put in order what can be. What cannot even be looked at is a sign, too."""
    looks: list[Callable[[], Sign]] = [
        _libraries,
        _contracts,
        partial(_writable, "state folder", home().root),
        partial(_writable, "folder for temporary files", Path(tempfile.gettempdir())),
        _space,
        # Before a worker is tried: starting one clears these away.
        partial(_spills, repair=repair),
        _worker,
        _register,
        partial(_unplaced, repair=repair),
        partial(_orphans, repair=repair),
        _ledger,
    ]
    # A register that does not answer is one trouble, however many looks meet it.
    return list({sign.words: sign for sign in map(_looked, looks)}.values())


def _looked(look: Callable[[], Sign]) -> Sign:
    try:
        return look()
    except (OSError, ValueError) as error:
        return Sign(is_well=False, words=str(error), advice="Correct this and look again.")


def _libraries() -> Sign:
    try:
        needed = [Requirement(line) for line in requires(DISTRIBUTION) or []]
    except PackageNotFoundError:
        return Sign(is_well=False, words="veinway itself is not installed here.", advice="Run: make run SERVE=0")
    wanted = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [problem for one in wanted if (problem := _library_problem(one))]
    advice = "Run make run SERVE=0: it installs what requirements.lock names." if wrong else ""
    words = f"{len(wanted) - len(wrong)} of {len(wanted)} libraries are as veinway {version(DISTRIBUTION)} needs them."
    return Sign(not wrong, words, tuple(wrong), advice)


def _library_problem(needed: Requirement) -> str | None:
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    return None if needed.specifier.contains(found, prereleases=True) else f"{needed.name} is {found}, needed is {needed.specifier}"


def _contracts() -> Sign:
    return Sign(is_well=True, words=f"{len(contracts())} contracts can be read.")


def _writable(name: str, folder: Path) -> Sign:
    probe = folder / f".veinway-probe-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        words = f"The {name} {folder} cannot be written: {error.strerror}."
        return Sign(
            is_well=False, words=words, advice="Give this user the right to write there, or point VEINWAY_HOME or TMPDIR elsewhere."
        )
    return Sign(is_well=True, words=f"The {name} {folder} can be written.")


def _space() -> Sign:
    free = {str(folder): shutil.disk_usage(folder).free for folder in (home().root, Path(tempfile.gettempdir()))}
    short = [f"{folder} has {_size(bytes_free)}" for folder, bytes_free in free.items() if bytes_free < LEAST_FREE_BYTES]
    if short:
        advice = f"Make room, so that at least {_size(LEAST_FREE_BYTES)} are free: a file that does not fit is not taken in."
        return Sign(is_well=False, words="There is little room on the disk.", details=tuple(short), advice=advice)
    return Sign(is_well=True, words=f"There is room on the disk: {_size(min(free.values()))}.")


def _worker() -> Sign:
    count, share = engine.workers(), _size(engine.memory_bytes())
    if not count:
        return Sign(is_well=True, words="Files are read without worker processes (VEINWAY_WORKERS is 0): for a debugger, not for partners.")
    try:
        run(os.getpid, seconds=START_SECONDS)
    except UnfinishedError as error:
        advice = "The machine may be short of memory: set VEINWAY_WORKERS to a smaller number."
        return Sign(is_well=False, words=f"A worker process does not start ({error.why}).", advice=advice)
    return Sign(
        is_well=True,
        words=f"Worker processes start; {count_of(count, 'file')} can be read at once, each with {share} before it goes to disk.",
    )


def _register() -> Sign:
    rows = register.submissions()
    with register.writing(register.open_register()):
        pass
    address = register.open_register().url.render_as_string(hide_password=True)
    return Sign(is_well=True, words=f"The register {address} answers and takes entries: {count_of(len(rows), 'submission')}.")


def _spills(*, repair: bool) -> Sign:
    found = engine.spills()
    if found and repair:
        for folder in found:
            shutil.rmtree(folder)
    return _leftovers(len(found), "Folders of rows that killed processes had put on disk while reading", is_repaired=repair)


def _unplaced(*, repair: bool) -> Sign:
    found = clear_abandoned() if repair else len(abandoned())
    return _leftovers(found, "Deliveries that were cut off before anything was accepted", is_repaired=repair)


def _leftovers(count: int, what: str, *, is_repaired: bool) -> Sign:
    if count and not is_repaired:
        advice = "Their senders have no receipt and will send again; what is left can go."
        return Sign(is_well=False, words=f"{what}: {count:,}.", advice=advice, can_repair=True)
    return Sign(is_well=True, words=f"{what}: {f'{count:,}, removed' if count else 'none'}.")


def _orphans(*, repair: bool) -> Sign:
    what = "Files of submissions that the register does not know"
    root = home().root
    if repair:
        moved = set_aside()
        if not moved:
            return Sign(is_well=True, words=f"{what}: none.")
        advice = "If the register was restored from an older copy, these were accepted: send them again. Otherwise delete that folder."
        folder = home().quarantine.relative_to(root)
        return Sign(is_well=True, words=f"{what}: {len(moved):,}, now in {folder}.", details=_some(moved, root), advice=advice)
    found = orphans()
    if not found:
        return Sign(is_well=True, words=f"{what}: none.")
    advice = "A delivery was cut off just before its receipt; its sender will send it again. A repair sets them aside, it deletes nothing."
    return Sign(is_well=False, words=f"{what}: {len(found):,}.", details=_some(found, root), advice=advice, can_repair=True)


def _ledger() -> Sign:
    findings = register.verify()
    if not findings:
        return Sign(is_well=True, words="Ledger, register and kept files agree.")
    details = tuple(f"{finding.subject}: {finding.problem}" for finding in findings[:DETAILS_SHOWN])
    advice = (
        "Nobody repairs this for you: a file that is missing or changed comes back from a backup of the state folder. Bytes that are missing can"
        " also be asked of the sender, whose file has the SHA-256 on its receipt."
    )
    return Sign(is_well=False, words=f"{len(findings):,} things are not as the ledger says.", details=details, advice=advice)


def _some(paths: list[Path], root: Path) -> tuple[str, ...]:
    shown = [str(path.relative_to(root)) for path in paths[:DETAILS_SHOWN]]
    return (*shown, f"and {len(paths) - len(shown):,} more") if len(paths) > len(shown) else tuple(shown)


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB"

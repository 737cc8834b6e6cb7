"""Prints that were made before, kept as files: a folder for each patient, with one file named by what it is made of.

Only what this module wrote is ever removed: folders named like a patient's random id, and in them files of prints.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from planner.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

WHOLE, PART = ".pdf", ".part"
PATIENT = re.compile("[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Prints:
    """The folder in which prints are kept; without one each is made anew."""

    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.folder is not None and not self.folder.parent.is_dir():
            raise Refused("no_such_folder", folder=str(self.folder.parent))

    def kept(self, patient: str, key: str, make: Callable[[], bytes]) -> bytes:
        """The print of that patient (a random id) which is made of `key`; made, and kept in place of the one before."""
        if self.folder is None:
            return make()
        place = self.folder / patient / f"{key}{WHOLE}"
        try:
            return place.read_bytes()
        except OSError:
            content = make()
        with suppress(OSError):  # a full disk takes no print away: it is made anew the next time
            _write(place, content)
        return content

    def forget(self, patient: str) -> None:
        """Remove what is kept of a patient."""
        place = self.folder / patient if self.folder is not None else None
        if place is not None and place.is_dir():
            for one in place.iterdir():
                if one.suffix in (WHOLE, PART):
                    one.unlink(missing_ok=True)
            place.rmdir()

    def keep_only(self, patients: Collection[str]) -> None:
        """Remove what is kept of everybody else."""
        if self.folder is not None and self.folder.is_dir():
            found = [path.name for path in self.folder.iterdir() if path.is_dir() and PATIENT.fullmatch(path.name)]
            for patient in set(found) - set(patients):
                with suppress(OSError):  # made anew this very moment: the next time
                    self.forget(patient)


def _write(place: Path, content: bytes) -> None:
    """The file, whole or not at all and readable to its owner only; then the ones before it go."""
    for folder in (place.parent.parent, place.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, suffix=PART, delete=False) as part:
        part.write(content)
    Path(part.name).replace(place)
    for older in place.parent.glob(f"*{WHOLE}"):
        if older != place:
            older.unlink(missing_ok=True)

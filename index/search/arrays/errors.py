"""What can be wrong with the files of an index, each told in one sentence."""

from __future__ import annotations


class ArraysError(Exception):
    """The root of all errors of this package."""


class DamagedFileError(ArraysError):
    """A file is not what was written: cut short, overwritten, or not ours at all."""


class OtherVersionError(ArraysError):
    """A file was written in an older version of the format, or for other fields; the index has to be made anew."""


class NewerVersionError(OtherVersionError):
    """A file was written by a later version of this program."""


def of_version(name: str, version: object, ours: int) -> ArraysError:
    """Return the error for a file of another version than ours."""
    if not isinstance(version, int):
        return DamagedFileError(f"{name} has no version")
    told = f"{name} has version {version} of the format, and this program reads {ours}"
    return NewerVersionError(told) if version > ours else OtherVersionError(told)


class UnsupportedFieldError(ArraysError):
    """A schema asks for something the arrays do not keep."""

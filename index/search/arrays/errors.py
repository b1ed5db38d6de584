"""What can be wrong with the files of an index, each told in one sentence."""

from __future__ import annotations


class ArraysError(Exception):
    """The root of all errors of this package."""


class DamagedFileError(ArraysError):
    """A file is not what was written: cut short, overwritten, or not ours at all."""


class OtherVersionError(ArraysError):
    """A file was written by another version of the format; the index has to be made anew."""


class UnsupportedFieldError(ArraysError):
    """A schema asks for something the arrays do not keep."""

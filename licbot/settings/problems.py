"""What is wrong with the settings, in words that never repeat a value."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong with the settings.

    setting: its names in the file and in the environment. message: what is wrong, in words.
    cure: what to do.
    """

    setting: str
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.message} {self.cure}"


class SettingsError(Exception):
    """The settings are not usable. Mend what is listed, then start again."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def table_wanted(setting: str, example: str) -> Problem:
    """Something stands where a table of the file should."""
    return Problem(
        setting=setting,
        message="is not a table.",
        cure=f"Write {example} on a line of its own, and its settings below.",
    )

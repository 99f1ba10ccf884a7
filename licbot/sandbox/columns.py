"""Which columns of a table hold numbers, so that their digits stand below one another."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[+\-−–±]?\d[\d\s.,'’]*%?$")
_NO_NUMBER = {"", "—", "–", "-", "∞", "?"}


def numeric_columns(rows: Sequence[Sequence[str]]) -> set[int]:
    """The columns in which most of the cells are numbers: some may say "unlimited"."""
    columns: dict[int, list[str]] = {}
    for row in rows:
        for index, text in enumerate(row):
            columns.setdefault(index, []).append(text.strip())
    return {index for index, texts in columns.items() if _are_numbers(texts)}


def _are_numbers(texts: Sequence[str]) -> bool:
    said = [text for text in texts if text not in _NO_NUMBER]
    numbers = [text for text in said if _NUMBER.match(text)]
    return bool(numbers) and 2 * len(numbers) >= len(said)

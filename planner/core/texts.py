"""What typed text may hold, wherever it comes in: composed characters, no control characters, none that turn text."""

from __future__ import annotations

import re
import unicodedata

from planner.core.errors import Refused

TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of the text around them: what is read is no longer what is written."""


ADDRESS = re.compile(r"[^\s@,;:<>()\"\\[\]]+@[^\s@,;:<>()\"\\[\]]+\.[^\s@,;:<>()\"\\[\].]+")


def may_be_address(text: str) -> bool:
    """Whether it may be an e-mail address of one person; whether it is one, only its owner can say."""
    return ADDRESS.fullmatch(text) is not None


def clean(text: str, *, lines: bool = False) -> str:
    """The text in NFC, without white space around it; Refused for a character that is not allowed.

    With `lines`, line breaks and tabs are kept; without, they are refused as other control characters are.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    for character in composed:
        if (lines and character in "\n\t") or not _refused(character):
            continue
        raise Refused("character_not_allowed", character=f"U+{ord(character):04X}")
    return composed


def _refused(character: str) -> bool:
    return character in TURNS or unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp")

"""Emoji short codes: those with a picture of our own, and those left to the reader's font.

Pictures are drawn in ``static/emoji.svg``, so that a red circle looks the same on a machine
without a colour emoji font.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

DRAWN = {
    "arrow_right": "➡",
    "arrows_counterclockwise": "🔄",
    "ballot_box_with_check": "☑",
    "bell": "🔔",
    "black_circle": "⚫",
    "bust_in_silhouette": "👤",
    "busts_in_silhouette": "👥",
    "calendar": "📅",
    "clipboard": "📋",
    "eyes": "👀",
    "gear": "⚙",
    "heavy_check_mark": "✔",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "information_source": "ℹ",
    "key": "🔑",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "lock": "🔒",
    "mag": "🔍",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "page_facing_up": "📄",
    "question": "❓",
    "red_circle": "🔴",
    "robot_face": "🤖",
    "rocket": "🚀",
    "rotating_light": "🚨",
    "shield": "🛡",
    "tada": "🎉",
    "unlock": "🔓",
    "warning": "⚠",
    "wave": "👋",
    "white_check_mark": "✅",
    "white_circle": "⚪",
    "x": "❌",
}
LEFT_TO_FONT = {
    "+1": "👍",
    "-1": "👎",
    "bulb": "💡",
    "chart_with_upwards_trend": "📈",
    "email": "📧",
    "link": "🔗",
    "memo": "📝",
    "office": "🏢",
    "pencil2": "✏️",
    "point_right": "👉",
    "speech_balloon": "💬",
    "stopwatch": "⏱️",
    "thumbsdown": "👎",
    "thumbsup": "👍",
    "wastebasket": "🗑️",
}
ALIASES = {"green_circle": "large_green_circle", "blue_circle": "large_blue_circle"}
_NAME_OF = {character: name for name, character in DRAWN.items()}
CHARACTERS = "[" + "".join(map(re.escape, _NAME_OF)) + "]\ufe0f?"


def emoji(name: str) -> Markup | None:
    """The picture or character of a short code without its colons; None when unknown."""
    name = ALIASES.get(name, name)
    if name in DRAWN:
        return _picture(name)
    return escape(LEFT_TO_FONT[name]) if name in LEFT_TO_FONT else None


def emoji_of_character(character: str) -> Markup:
    """The picture for a Unicode emoji that matched `CHARACTERS`."""
    return _picture(_NAME_OF[character[0]])


def _picture(name: str) -> Markup:
    return Markup(
        '<svg class="emoji" role="img" aria-label="{label}">'
        '<use href="/static/emoji.svg#{name}"></use></svg>'
    ).format(label=name.replace("_", " "), name=name)

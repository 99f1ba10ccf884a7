"""Text for Slack: what people or files brought is shown, never interpreted."""

import re
from datetime import datetime

from slack_sdk.models.blocks import MarkdownTextObject, PlainTextObject

from licbot.domain.licenses import Moment


def escape(text: str) -> str:
    """Text that mrkdwn shows as it is.

    Slack interprets ``<…>`` and entities, formatting marks, emoji names, and a quotation mark
    at the beginning of a line. The marks give way to signs that look like them, or are parted
    from what follows by a space of no or little width.
    """
    safe = _turned_by_nothing(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = safe.translate(_LOOK_ALIKES)
    safe = re.sub(r"(?<!\w)_(?=\S)", "_\u200a", safe)
    safe = re.sub(r":(?=[a-z0-9_+'-]+:)", ":\u200b", safe)
    return f"\u200b{safe}" if safe.lstrip().startswith("&gt;") else safe


def _turned_by_nothing(text: str) -> str:
    """Text that turns no direction of reading but its own, which would turn our words too."""
    return text.translate(_TURNS)


_TURNS = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\N{REPLACEMENT CHARACTER}"
)
_LOOK_ALIKES = str.maketrans(
    {
        "*": "\u2217",
        "~": "\u223c",
        "`": "\u2035",
        "\r": " ",
        "\n": " ",
        "\u2028": " ",
        "\u2029": " ",
    }
)


def clip(text: str, length: int) -> str:
    """At most ``length`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def mrkdwn(text: str) -> MarkdownTextObject:
    """A mrkdwn text object; parts that are not ours must be escaped before."""
    return MarkdownTextObject(text=clip(text, 3000), verbatim=True)


def plain(text: str, length: int = 3000) -> PlainTextObject:
    """A plain text object in which nothing, not even an emoji name, is interpreted."""
    shown = clip(_one_line(text), length)
    return PlainTextObject(text=shown, emoji=False)


def mention(user: str) -> str:
    """Names a Slack user; licbot itself where there is none."""
    return f"<@{user}>" if user else "licbot"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: ``1 seat``, ``12,000 seats``."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number:,} {noun}"


def day(moment: Moment | None) -> str:
    """A day as people read it, in UTC; ``never`` where there is none."""
    if moment is None:
        return "never"
    shown = moment.date() if isinstance(moment, datetime) else moment
    return f"{shown.day} {shown:%B %Y}"


def point(at: Moment) -> str:
    """A day, or a day with the time in UTC where the moment is that exact."""
    return f"{day(at)}, {at:%H:%M} UTC" if isinstance(at, datetime) else day(at)


def bold(text: str) -> str:
    """Foreign text in bold mrkdwn."""
    return f"*{escape(text)}*"


def cell(text: str) -> dict[str, str]:
    """A cell of a table, in which nothing is interpreted."""
    return {"type": "raw_text", "text": clip(_one_line(text), 300)}


def _one_line(text: str) -> str:
    return " ".join(_turned_by_nothing(text).split()) or "–"


def moment(at: datetime) -> str:
    """A moment in the reader's time zone, with UTC for clients that cannot do that."""
    spoken = f"{day(at)}, {at:%H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{spoken}>"

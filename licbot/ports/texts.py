"""Text for Slack: what people or files brought is shown, never interpreted."""

from datetime import datetime

from slack_sdk.models.blocks import MarkdownTextObject, PlainTextObject

from licbot.domain.licenses import Moment


def escape(text: str) -> str:
    """Text that mrkdwn shows as it is.

    Slack interprets ``<…>`` and entities; a zero-width space after formatting marks keeps
    them from opening bold, italic, strike or code.
    """
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "*_~`":
        safe = safe.replace(mark, f"{mark}\u200b")
    return safe.replace("\r", " ").replace("\n", " ")


def clip(text: str, length: int) -> str:
    """At most ``length`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def mrkdwn(text: str) -> MarkdownTextObject:
    """A mrkdwn text object; parts that are not ours must be escaped before."""
    return MarkdownTextObject(text=clip(text, 3000), verbatim=True)


def plain(text: str, length: int = 3000) -> PlainTextObject:
    """A plain text object in which nothing, not even an emoji name, is interpreted."""
    shown = clip(" ".join(text.split()) or "–", length)
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


def bold(text: str) -> str:
    """Foreign text in bold mrkdwn."""
    return f"*{escape(text)}*"


def cell(text: str) -> dict[str, str]:
    """A cell of a table, in which nothing is interpreted."""
    return {"type": "raw_text", "text": clip(" ".join(text.split()) or "–", 300)}


def moment(at: datetime) -> str:
    """A moment in the reader's time zone, with UTC for clients that cannot do that."""
    spoken = f"{day(at)}, {at:%H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{spoken}>"

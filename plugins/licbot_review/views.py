"""The modal that shows what changes."""

from slack_sdk.models.blocks import HeaderBlock, SectionBlock
from slack_sdk.models.views import View

from licbot.domain.review import Review
from licbot.ports.lists import list_modal
from licbot.ports.texts import mrkdwn, plain
from licbot_review.table import changes_text


def changes_view(review: Review) -> View:
    """The changes in a modal."""
    blocks = changes_text(review.changes) or [
        SectionBlock(text=mrkdwn("No number changes: dates or details only."))
    ]
    return list_modal("Changes", [HeaderBlock(text=plain("What the new licence changes")), *blocks])

"""What happened to an activation, in the past tense; plugins are told after the commit."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened.

    actor: the Slack user who did it, empty for licbot itself.
    detail: numbers or words that belong to it, for people.
    """

    activation: str
    at: datetime
    actor: str = ""
    detail: str = ""


class OfferFound(Event):
    """A licence set is waiting."""


class RemovalsPlanned(Event):
    """Someone changed who is to lose a seat."""


class ActivationStarted(Event):
    """Someone, or licbot itself, started activating."""


class ActivationReturned(Event):
    """The last check found something new: back to review, nothing was taken."""


class ActivationVerified(Event):
    """The licence is active, read back and compared."""


class ActivationFailed(Event):
    """The licensed system refused; seats were given back."""


class OfferDeclined(Event):
    """Someone said that the offer is wrong."""


class ReviewReopened(Event):
    """A declined or failed offer was taken up again."""


class OfferSuperseded(Event):
    """A newer offer took its place."""


class OfferExpired(Event):
    """The offer can no longer be accepted."""

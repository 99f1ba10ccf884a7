"""What can go wrong, as a tree. A class's docstring is its message for people, with the cure.

LicbotError
├── Refused                 a person asked for something that is not possible now
│   ├── NotAllowed
│   ├── UnknownActivation
│   ├── ActivationEnded
│   │   └── Superseded
│   ├── ActivationRunning
│   ├── SurplusRemains
│   ├── PlanChanged
│   ├── CannotReassign
│   └── RequirementUnmet
├── OfferRefused            an offer fails a check of the licensed system
│   └── OfferReplaced
├── SystemRefused           the licensed system said no, in its own words
├── SystemUnavailable       the licensed system can't be reached; trying again may help
└── Conflict                two writers met; the caller tries again
"""


def _words(kind: type[Exception]) -> str:
    """The message in the first paragraph of an error's docstring."""
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


class LicbotError(Exception):
    """Something went wrong. Try again; if it stays, tell the people who run licbot."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or _words(type(self)))

    @property
    def message(self) -> str:
        """What people read."""
        return str(self)


class Refused(LicbotError):
    """This is not possible now. Type `/license` to see how things stand.

    actor, verb: who did what before, where that is why: a Slack user id, and words.
    """

    actor = ""
    verb = ""


class NotAllowed(Refused):
    """Only administrators may do this. Ask one of them."""


class UnknownActivation(Refused):
    """This licence is no longer waiting. Type `/license` to see how things stand."""


class ActivationEnded(Refused):
    """This activation has ended. Type `/license` to see how things stand."""


class Superseded(ActivationEnded):
    """A newer licence took this one's place. Open its message in the licence channel: who was
    picked here is picked there too, as far as it is still needed.
    """


class ActivationRunning(Refused):
    """The licence is being activated right now. Wait for the result in the licence channel."""


class SurplusRemains(Refused):
    """More seats are in use than the new licence grants. Remove the surplus first."""


class PlanChanged(Refused):
    """The list of people changed since this was shown. Look at it again, then activate."""


class CannotReassign(Refused):
    """Somebody can't be given the other plan. Let them lose the licence, or pick somebody else."""


class RequirementUnmet(Refused):
    """Something is missing before this licence can be activated. Type `/license` to see what."""


class OfferRefused(LicbotError):
    """This licence cannot be accepted. Ask its issuer for a new one.

    check: the number of the check that failed, in the order of the licence file's description.
    """

    def __init__(self, message: str, *, check: int = 0) -> None:
        super().__init__(message)
        self.check = check

    @property
    def may_pass(self) -> bool:
        """Whether the fault lies with the clock, so that the same licence may yet be accepted."""
        return self.check == 5


class OfferReplaced(OfferRefused):
    """The issuer has another licence now. licbot asks for it; its message follows in the licence
    channel, with whoever was picked here as far as that is still needed.
    """

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or _words(type(self)))


class SystemRefused(LicbotError):
    """The licensed system refused, and nothing was changed. Ask the people who run it why."""


class SystemUnavailable(LicbotError):
    """The licensed system can't be reached. licbot tries again by itself."""


class Conflict(LicbotError):
    """Someone else changed this at the same moment. Try again."""

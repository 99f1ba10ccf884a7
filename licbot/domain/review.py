"""An activation as it stands, with everything people decide on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from licbot.domain.activation import Activation
from licbot.domain.changes import Change, red
from licbot.domain.licenses import LicenseSet, Offer
from licbot.domain.removals import Removal


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """An activation as it stands.

    installed: the set in force of the same owner, while it is planned. changes: every module
    licence, hidden ones too; once it was started, as they were then. lost: the seats that the plan
    takes, by module key, and people: how many users they are taken from. reassigned: how many users
    get another plan, by the keys of what they lose and of what they get. removals: the plan itself,
    while it is made. digest: of offer, removals and policy. unmet: what is still missing, in words.
    guided: people take the seats by hand; to_do: how many users are still to be dealt with.
    """

    activation: Activation
    offer: Offer
    installed: LicenseSet | None
    changes: Sequence[Change]
    lost: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    reassigned: Mapping[tuple[str, str], int] = field(default_factory=dict)
    removals: Sequence[Removal] = ()
    digest: str = ""
    unmet: Sequence[str] = ()
    guided: bool = False
    to_do: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether nothing keeps the offer from being activated."""
        return not red(self.changes) and not self.unmet

    @property
    def seats(self) -> int:
        """How many seats the plan takes."""
        return sum(self.lost.values())

    def given(self, module: str = "") -> Mapping[str, int]:
        """How many users get which plan, by its key; of those who lose a licence where it is said.

        module: the key of that licence.
        """
        plans: Counter[str] = Counter()
        for (taken, plan), people in self.reassigned.items():
            if module in ("", taken):
                plans[plan] += people
        return plans

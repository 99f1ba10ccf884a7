"""An activation as it stands, with everything people decide on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from licbot.domain.activation import Activation
from licbot.domain.changes import Change, red
from licbot.domain.licenses import Offer
from licbot.domain.removals import Removal


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """An activation as it stands.

    changes: every module licence, hidden ones too; once it was started, as they were then.
    lost: the seats that the plan takes, by module key, and people: how many users they are taken
    from. removals: the plan itself, while it is made. digest: of offer, removals and policy.
    unmet: what is still missing, in words.
    guided: people take the seats by hand; to_do: how many users are still to be dealt with.
    """

    activation: Activation
    offer: Offer
    changes: Sequence[Change]
    lost: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
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

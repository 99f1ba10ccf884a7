"""A review says whether anything is in the way, and how many people it concerns."""

from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.activation import Activation, ActivationState
from licbot.domain.changes import Change
from licbot.domain.removals import Removal, freed
from licbot.domain.review import Review
from tests.domain.strategies import NOW, changes, license_set, offer_of, removal_lists

unmet_words = st.lists(st.just("An approver has to agree."), max_size=1)


def review(
    changes: list[Change], removals: list[Removal] | None = None, unmet: list[str] | None = None
) -> Review:
    return Review(
        activation=Activation(
            id="a1",
            system="crm",
            owner="superoffice",
            offer_digest="f" * 64,
            sequence=1,
            state=ActivationState.REVIEW,
            found_at=NOW,
            acted_at=NOW,
        ),
        offer=offer_of(license_set()),
        installed=None,
        changes=changes,
        lost=freed(removals or []),
        unmet=unmet or [],
    )


@given(changes=st.lists(changes(), max_size=3), unmet=unmet_words)
def test_it_is_clear_when_nothing_is_red_and_nothing_is_missing(
    changes: list[Change], unmet: list[str]
) -> None:
    in_the_way = [change for change in changes if change.remaining] or unmet

    assert review(changes, unmet=unmet).is_clear is not bool(in_the_way)


@given(removals=removal_lists)
def test_every_seat_that_goes_is_counted(removals: list[Removal]) -> None:
    assert review([], removals).seats == len(removals)

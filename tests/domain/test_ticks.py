"""What people want who tick boxes of one list, at once, quickly, and with lists out of date."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from licbot.domain.removals import settle_ticks
from tests.domain.strategies import PEOPLE, USERS, user_sets

LISTED = frozenset(USERS)
NOBODY: frozenset[str] = frozenset()
clicks = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(USERS)), max_size=12)


@dataclass
class Boxes:
    """One person's list: as it was drawn, and as they ticked it since."""

    drawn: frozenset[str]
    ticked: frozenset[str]


@dataclass
class Room:
    """A group of check boxes that several people have in front of them."""

    picked: frozenset[str]
    last: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Boxes] = field(default_factory=dict)

    def draw(self, person: str) -> Boxes:
        """Show a person the group as it is now."""
        self.boxes[person] = Boxes(self.picked, self.picked)
        return self.boxes[person]

    def click(self, person: str, user: str) -> dict[str, bool]:
        """A person clicks a box; their client sends the whole group."""
        boxes = self.boxes.get(person) or self.draw(person)
        boxes.ticked ^= {user}
        wanted = settle_ticks(
            shown=boxes.drawn,
            ticked=boxes.ticked,
            current=self.picked,
            mine=frozenset(user for user, actor in self.last.items() if actor == person),
            listed=LISTED,
        )
        self.picked -= frozenset(user for user, tick in wanted.items() if not tick)
        self.picked |= frozenset(user for user, tick in wanted.items() if tick)
        self.last |= dict.fromkeys(wanted, person)
        return wanted


@given(picked=user_sets, clicks=clicks)
def test_people_at_different_boxes_never_undo_each_other(
    picked: frozenset[str], clicks: list[tuple[str, str]]
) -> None:
    """Given lists drawn at one moment, when everyone clicks boxes of their own, all of it holds."""
    room = Room(picked)
    for person in PEOPLE:
        room.draw(person)
    own = {user: PEOPLE[place % len(PEOPLE)] for place, user in enumerate(USERS)}
    expected = picked

    for _, user in clicks:
        room.click(own[user], user)
        expected ^= {user}

    assert room.picked == expected


@given(picked=user_sets, clicks=clicks)
def test_a_click_moves_its_own_box_and_no_other(
    picked: frozenset[str], clicks: list[tuple[str, str]]
) -> None:
    """Given lists redrawn for whoever clicked, however old the lists of the others are."""
    room = Room(picked)
    for person in PEOPLE:
        room.draw(person)

    for person, user in clicks:
        before = room.picked
        wanted = room.click(person, user)
        assert set(wanted) <= {user}
        assert (user in room.picked) == (user in room.boxes[person].ticked)
        assert room.picked - {user} == before - {user}
        room.draw(person)


@given(picked=user_sets, clicked=st.lists(st.sampled_from(USERS), max_size=12))
def test_quick_clicks_are_all_honoured(picked: frozenset[str], clicked: list[str]) -> None:
    """Given a list that is not redrawn in between, when one person clicks box after box."""
    room = Room(picked)
    room.draw("U1")

    for user in clicked:
        room.click("U1", user)
        assert room.picked == room.boxes["U1"].ticked


def test_a_double_click_leaves_everything_as_it_was() -> None:
    room = Room(frozenset({"bo"}))

    assert room.click("U1", "ada") == {"ada": True}
    assert room.click("U1", "ada") == {"ada": False}

    assert room.picked == {"bo"}


def test_a_tick_of_another_person_survives_mine() -> None:
    room = Room(NOBODY)
    room.draw("U1")
    room.draw("U2")

    assert room.click("U1", "ada") == {"ada": True}
    assert room.click("U2", "bo") == {"bo": True}

    assert room.picked == {"ada", "bo"}


def test_the_untick_of_another_person_survives_mine() -> None:
    room = Room(frozenset({"ada", "bo"}))
    room.draw("U1")
    room.draw("U2")

    assert room.click("U1", "ada") == {"ada": False}
    assert room.click("U2", "bo") == {"bo": False}

    assert room.picked == NOBODY


@given(shown=user_sets, current=user_sets, others=user_sets)
def test_an_unchanged_group_changes_nothing_of_others(
    shown: frozenset[str], current: frozenset[str], others: frozenset[str]
) -> None:
    wanted = settle_ticks(
        shown=shown, ticked=shown, current=current, mine=LISTED - others, listed=LISTED
    )

    assert not set(wanted) & others


@given(shown=user_sets, current=user_sets)
def test_an_unchanged_group_of_someone_who_changed_nothing_changes_nothing(
    shown: frozenset[str], current: frozenset[str]
) -> None:
    wanted = settle_ticks(
        shown=shown, ticked=shown, current=current, mine=frozenset(), listed=LISTED
    )

    assert wanted == {}


@given(shown=user_sets, ticked=user_sets, current=user_sets, mine=user_sets, listed=user_sets)
def test_only_what_is_listed_and_different_is_written(
    shown: frozenset[str],
    ticked: frozenset[str],
    current: frozenset[str],
    mine: frozenset[str],
    listed: frozenset[str],
) -> None:
    wanted = settle_ticks(shown=shown, ticked=ticked, current=current, mine=mine, listed=listed)

    assert set(wanted) <= listed
    for user, tick in wanted.items():
        assert tick == (user in ticked)
        assert tick != (user in current)

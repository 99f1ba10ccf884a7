"""The list of those who lose something, by their names."""

from licbot.domain.people import Holder
from licbot.domain.removals import Removal
from licbot.ports.losses import Losses, losses_view


def losses(*users: str, done: bool = False, name: str = "") -> list[str]:
    """What the list says, block by block, of people who lose two licences each."""
    view = losses_view(
        Losses(
            removals=[
                Removal(user=user, module=module, picked=True)
                for user in users
                for module in ("travel", "sales")
            ],
            people={user: Holder(id=user, name=name or user.title()) for user in users[1:]},
            labels={"sales": "Sales"},
            done=done,
        )
    ).to_dict()
    texts = [block.get("text") or block["elements"][0] for block in view["blocks"]]
    return [view["title"]["text"], *(text["text"] for text in texts)]


def test_people_are_listed_by_name_with_what_they_lose() -> None:
    said = losses("u9", "cleo", "bo")
    assert said == [
        "Who loses what",
        "*Bo*: Sales, travel\n*Cleo*: Sales, travel\n*u9*: Sales, travel",
    ]


def test_once_it_is_done_they_have_lost_it() -> None:
    assert losses("bo", done=True)[0] == "Who lost what"


def test_nobody_is_said_in_words() -> None:
    assert losses() == ["Who loses what", "Nobody loses a licence."]


def test_those_for_whom_there_is_no_room_are_counted() -> None:
    said = losses(*(f"u{number}" for number in range(5000)), name="&" * 80)
    shown = sum(text.count("Sales, travel") for text in said)
    assert 500 < shown < 5000
    assert said[-1] == f"… and {5000 - shown:,} more people."

"""Names that try to be more than names: shown as they are, in every message and view."""

import re
from collections.abc import Iterator
from pathlib import Path

from licbot.sandbox.markup import Reader, mrkdwn
from licbot.sandbox.person import Person
from licbot.sandbox.reading import choices
from licbot.sandbox.sights import Sight
from licbot.sandbox.workspace import Workspace
from tests.scenarios.customers import Json, licence, module, tenant, user
from tests.scenarios.world import World, fill, modal_of, world

NAMES = {
    "broadcast": "<!channel> <!here> Eve",
    "mention": "<@UANNA> & <#C0000000101|general>",
    "link": "<https://evil.example|Activate> http://evil.example",
    "marks": "*bold* _it_ ~gone~ `code` ```fence```",
    "emoji": ":rocket: Emil :tada:",
    "entities": "&lt;!channel&gt; &amp;amp; R&D",
    "quoted": "\"Robert\"; DROP TABLE local_users;-- '' \\",
    "long": ("Ludmilla " * 20).strip(),
    "turned": "\u202eelpmaxe\u202c Rina רינה",
    "template": "{{ 7 * 7 }} {0} %s ${x}",
    "said": "> said so",
    "wide": "𝔚𝔦𝔡𝔢 👩‍👩‍👧‍👦 名前 é",
}
"""What people are called; by what is hostile in it."""

PEOPLE = [user("Anna", None)] + [
    user(key, days, name=name, email=f"{key}+*x*@fjordlicht.example")
    for days, (key, name) in enumerate(NAMES.items(), 1)
]
HOLDERS = [person["id"] for person in PEOPLE]
PLAN = "Sales <!here> *Plus* :rocket: \u202e12"
OURS = {"red circle", "white check mark", "lock", "warning", "hourglass flowing sand"}


def plans(sequence: int, number: int, **changes: Json) -> Json:
    """A licence in which everything that has a name has a hostile one."""
    modules = [module("sales-<!channel>-*x*", number, description=PLAN)]
    hostile: dict[str, Json] = {
        "customer": {"company": NAMES["broadcast"] + NAMES["marks"], "serial": "<@U1> *1*"},
        "owner": {"name": "OWNER <!here>", "description": ":tada: " + NAMES["link"]},
    }
    return licence(sequence, modules, **{**hostile, **changes})


async def test_hostile_names_are_shown_and_never_interpreted(tmp_path: Path) -> None:
    staff = tenant({}, PEOPLE)
    staff["seats"] = [{"user": each, "module": "sales-<!channel>-*x*"} for each in HOLDERS]
    async with world(
        tmp_path,
        tenant=staff,
        installed=plans(1, 20),
        offers=[plans(2, 11)],
    ) as here:
        anna = here.person("anna")
        await the_message_lists_them(here, anna)
        await the_modal_finds_them(here, anna)
        await what_is_refused_is_named(here, anna)
        await they_are_activated(here, anna)
        require_only_our_own_markup(here.workspace)


async def the_message_lists_them(here: World, anna: Person) -> None:
    card = await here.card_says(anna, "Activate new licence")
    listed = boxes(card)
    for name in NAMES.values():
        assert any(same(shown, name) for shown in listed), name
    assert letters(PLAN) in letters(card.text)
    assert letters(NAMES["marks"]) in letters(card.text)


async def the_modal_finds_them(here: World, anna: Person) -> None:
    await anna.press("Remove superfluous licences")
    for name in NAMES.values():
        word = max(name.split(), key=len)
        await anna.fill("Search", word)
        [shown] = boxes(modal_of(anna))
        assert same(shown, name)
    await anna.fill("Search", "*nobody* <!channel> :rocket:")
    assert "Nobody matches" in modal_of(anna).text
    await anna.fill("Search", "")
    await anna.press("Pick the 2 least recent")
    await anna.submit()
    assert anna.modal is None
    card = await here.card_says(anna, "2 people lose licences: show")
    await anna.press("2 people lose licences: show", in_=card)
    assert letters("said so") in letters(modal_of(anna).text)
    await anna.close()


async def what_is_refused_is_named(here: World, anna: Person) -> None:
    here.leave("*x* <!channel> :rocket:.lic", b"<!here> `code`")
    other = {"company": "Other <!channel> *x* :tada:", "serial": "<@UANNA> `2`"}
    here.leave("other.lic", plans(3, 12, customer=other))
    said = await here.answer(anna, "/license refresh")
    assert letters("x channel rocket lic") in letters(said.text)
    assert letters("Other channel x tada") in letters(said.text)
    said = await here.answer(anna, "/license <!channel>*x*:rocket:")
    assert letters("channel x rocket") in letters(said.text)
    await anna.open_home()
    await anna.until(lambda: anna.home is not None)
    assert anna.home is not None
    assert letters(NAMES["broadcast"]) in letters(anna.home.text)


async def they_are_activated(here: World, anna: Person) -> None:
    asked = await anna.press("Activate", in_=here.card(anna))
    assert asked.confirm is not None
    assert letters(PLAN) in letters(asked.confirm["text"]["text"])
    await anna.press("Activate", in_=here.card(anna), confirm=True)
    await here.card_says(anna, "New licence activated")
    await here.answer(anna, "/license")


def boxes(sight: Sight) -> list[str]:
    """What is written beside check boxes, exactly as it was sent."""
    return [choice.option["text"]["text"] for choice in choices(sight.blocks, ["checkboxes"])]


def letters(text: str) -> str:
    """What is left of a text without marks and blanks, which may be shown otherwise."""
    return "".join(character for character in text if character.isalnum())


def same(shown: str, name: str) -> bool:
    """Whether a name is shown, in full or up to where Slack's limit cuts it."""
    whole, seen = letters(name), letters(shown)
    return seen == whole or (shown.endswith("…") and whole.startswith(seen) and len(shown) > 60)


def require_only_our_own_markup(workspace: Workspace) -> None:
    """Draw every text as a client does, and look at what became more than text."""
    reader = Reader(users={"UANNA": "Anna"}, channels={})
    texts = {text for accepted in workspace.accepted for text in interpreted(accepted.payload)}
    assert texts
    for text in sorted(texts):
        drawn = str(mrkdwn(text, reader))
        assert not re.search(r"<(i|s|pre|blockquote)>|<code>(?!/license)", drawn), text
        assert set(re.findall(r'aria-label="([^"]*)"', drawn)) <= OURS, text
        for name in re.findall(r'<span class="mention">([^<]*)<', drawn):
            assert name == "@Anna" or name.startswith("#C0"), text
        for address, label in re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', drawn):
            assert address.startswith(workspace.base_url) or address == label, text
        assert "\u202e" not in text


def interpreted(node: object, key: str = "") -> Iterator[str]:
    """The texts in which Slack looks for markup; plain text that says so only for emoji."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"]
        elif node.get("type") == "plain_text" and node.get("emoji", True):
            yield from re.findall(r":\S+:", node["text"])
        elif isinstance(node.get("blocks"), list) and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from interpreted(value)
    elif isinstance(node, list):
        for value in node:
            yield from interpreted(value)


async def test_what_the_system_says_is_shown_and_never_interpreted(tmp_path: Path) -> None:
    """Given an offer set aside for a customer who is, since then, not the installed one."""
    staff = tenant({"sales": ["Anna"]})
    demo = {"company": "Demo", "serial": "1010000006"}
    hostile = {"company": "<!channel> *x* :tada:", "serial": "<@UANNA>"}
    async with world(
        tmp_path,
        tenant=staff,
        installed=licence(1, {"sales": 1}, customer=demo),
        offers=[licence(2, {"sales": 1}, customer=hostile)],
    ) as here:
        anna = here.person("anna")
        await here.card_says(anna, "Activate new licence")
        await anna.press("The numbers are wrong", confirm=True)
        await here.card_says(anna, "New licence set aside")
        await fill(here.context, staff, licence(3, {"sales": 1}))

        await anna.press("Take up again")

        said = here.whispers(anna)[-1].text
        assert letters("This licence is for channel x tada serial number UANNA") in letters(said)
        require_only_our_own_markup(here.workspace)

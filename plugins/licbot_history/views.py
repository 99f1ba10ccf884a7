"""The modals: all activations, and the story of one."""

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    SectionBlock,
)
from slack_sdk.models.views import View

from licbot.flows.history import Entry, History, Story
from licbot.ports.lists import list_modal, packed, page_count, page_number, pager
from licbot.ports.texts import bold, clip, count, day, escape, mention, moment, mrkdwn, plain
from licbot_history.words import (
    MARKS,
    STATES,
    change_lines,
    event_lines,
    heading,
    nobody,
    people_line,
    summary,
)

ENTRIES = 10
"""Activations in a page."""

EVENTS = 60
"""Events in a page of a story."""

NO_NUMBER = "No number changes: the new licence renews dates or details only."


def history_view(history: History) -> View:
    """A page of all activations, the latest first."""
    pages = page_count(history.total, ENTRIES)
    blocks: list[Block] = []
    for entry in history.entries:
        blocks += [_entry(entry), DividerBlock()]
    said = f"{count(history.total, 'new licence')} so far, the latest first"
    return list_modal(
        "Licence history", [*blocks, *pager("history:page", history.page, pages, said)]
    )


def _entry(entry: Entry) -> Block:
    activation = entry.activation
    lines = [
        f"{bold(clip(entry.offer.license.owner.label, 80))} · found {moment(activation.found_at)}",
        f"{MARKS.get(activation.state, '')}*{STATES[activation.state]}.* {summary(entry)}",
        _last_act(entry),
    ]
    button = ButtonElement(
        text=plain("The whole story", 75), action_id="history:story", value=activation.id
    )
    return SectionBlock(text=mrkdwn("\n".join(lines)), accessory=button)


def _last_act(entry: Entry) -> str:
    activation = entry.activation
    return f"{mention(activation.actor)} {activation.verb} · {moment(activation.acted_at)}"


def story_view(story: Story, page: str = "0") -> View:
    """The story of one activation. page: of its events, from 0, as a button carries it."""
    lines = event_lines(story.events)
    pages = page_count(len(lines), EVENTS)
    number = page_number(page, pages)
    entry = story.entry
    head = _head(entry) if number == 0 else []
    listed = packed(
        lines[number * EVENTS : (number + 1) * EVENTS],
        lambda left: f"… and {count(left, 'more event')}.",
        blocks=50,
        size=100_000,
    )
    said = f"{count(len(lines), 'event')}, the oldest first"
    return list_modal(
        "The whole story",
        [
            HeaderBlock(text=plain(f"{entry.offer.license.owner.label}: {_state(entry)}", 150)),
            *head,
            HeaderBlock(text=plain("What happened")),
            *listed,
            *pager("history:events", number, pages, said, f"{entry.activation.id}:"),
        ],
    )


def _state(entry: Entry) -> str:
    state = STATES[entry.activation.state]
    return state[0].lower() + state[1:]


def _head(entry: Entry) -> list[Block]:
    license_set, note = entry.offer.license, entry.activation.note
    issued = entry.offer.issued
    facts = [
        bold(clip(license_set.customer.company, 100)),
        f"serial number {escape(clip(license_set.customer.serial, 60))}",
        *([f"issued {day(issued)}"] if issued else []),
        f"expires {day(license_set.dates.expiry)}",
    ]
    blocks: list[Block] = [ContextBlock(elements=[mrkdwn(" · ".join(facts))])]
    if note:
        blocks.append(SectionBlock(text=mrkdwn(escape(clip(note, 500)))))
    return [*blocks, HeaderBlock(text=plain(heading(entry))), *_changes(entry), _people(entry)]


def _changes(entry: Entry) -> list[Block]:
    lines = change_lines(entry) or [NO_NUMBER]
    return packed(
        lines,
        lambda left: f"… and {count(left, 'more licence')}.",
        blocks=36,
        size=100_000,
    )


def _people(entry: Entry) -> Block:
    words = people_line(entry)
    if not words:
        return SectionBlock(text=mrkdwn(nobody(entry)))
    button = ButtonElement(
        text=plain("Show who", 75), action_id="history:people", value=entry.activation.id
    )
    return SectionBlock(text=mrkdwn(words), accessory=button)

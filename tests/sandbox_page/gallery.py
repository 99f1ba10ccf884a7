"""A message, a modal and a Home tab that show every block and element once."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, about: str = "") -> Json:
    made: Json = {"text": plain(text), "value": value}
    return made | {"description": plain(about)} if about else made


def button(label: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def confirm(title: str, text: str, yes: str, no: str = "Cancel", **more: Any) -> Json:
    return {
        "title": plain(title),
        "text": mrkdwn(text),
        "confirm": plain(yes),
        "deny": plain(no),
        **more,
    }


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def context(*texts: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def text_input(label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(label), "element": element, **more}


def table(*rows: tuple[str, ...]) -> Json:
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in rows]
    return {"type": "table", "rows": cells}


PEOPLE = [option(f"Person {number:02}", f"p{number}") for number in range(1, 31)]

MESSAGE: list[Json] = [
    {"type": "header", "text": plain("A new licence is waiting")},
    section(
        "*SUPEROFFICE* for *Nordwind Trading GmbH*, serial number `1187-4420`\n"
        "Found <!date^1795500000^{date_short_pretty} at {time}|today> by <@U0000000101>. "
        "It grants *fewer seats* than are in use."
    ),
    table(
        ("Licence", "In use", "Total", "+/−", "New total", "New free"),
        ("Sales Premium", "48", "50", "−12", "38", "−10"),
        ("Marketing", "1,204", "1,250", "−50", "1,200", "−4"),
        ("Service Essentials", "3", "5", "+20", "25", "22"),
        ("Customer portal", "—", "unlimited", "0", "unlimited", "—"),
    ),
    section(
        ":red_circle: *Sales Premium*: 10 seats must go first",
        accessory=button("Choose people", "open"),
    ),
    section(":red_circle: *Marketing*: 4 seats must go first"),
    actions(
        {
            "type": "checkboxes",
            "action_id": "holders",
            "options": [
                option("Ada Lovelace", "ada", "last signed in 3 March 2025"),
                option("Børge Ousland", "borge", "last sign-in unknown"),
                option("Grace Hopper", "grace", "last signed in yesterday"),
            ],
        },
        block_id="holders",
    ),
    {"type": "divider"},
    actions(
        button(
            "Activate",
            "activate",
            style="primary",
            confirm=confirm("Activate this licence?", "*14 people* lose their seat.", "Activate"),
        ),
        button("Show changes", "changes"),
        button(
            "Decline",
            "decline",
            style="danger",
            confirm=confirm("Decline it?", "It stays away.", "Decline", "Keep", style="danger"),
        ),
        button("Documentation", "docs", url="https://example.com/licences"),
        {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Remind me tomorrow", "later"), option("Export", "export")],
        },
        block_id="buttons",
    ),
    context(
        ":warning: A wrong number or module? Then do *not* activate.",
        "Last: _Ada Lovelace_ looked at it",
    ),
]

WORDS: list[Json] = [
    section(
        "*bold* _italic_ ~struck~ `code` <https://example.com|a link>\n"
        "&gt; quoted\n&gt; twice\n• first\n• second\n```SELECT 1;```"
    ),
    {
        "type": "markdown",
        "text": "## Markdown\n- **one**\n- two\n\n| Module | Seats |\n|---|---|\n| Sales | 12 |",
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Rich "},
                    {"type": "text", "text": "text", "style": {"bold": True}},
                    {"type": "emoji", "name": "tada"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "first"}],
                    },
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "second"}],
                    },
                ],
            },
        ],
    },
    {
        "type": "section",
        "fields": [
            mrkdwn("*In use*\n48"),
            mrkdwn("*Available*\n38"),
            mrkdwn("*Still to remove*\n10"),
            mrkdwn("*State*\n:hourglass_flowing_sand: waiting"),
        ],
    },
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart of seats"},
]


def modal(note: str = "") -> Json:
    """A modal of every input; `note` changes one block and leaves the others."""
    select = {"type": "static_select", "action_id": "order", "placeholder": plain("Order")}
    return {
        "type": "modal",
        "callback_id": "gallery",
        "title": plain("Remove licences"),
        "submit": plain("OK"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": [
            {
                "type": "alert",
                "level": "warning",
                "text": mrkdwn(f"*10* still to remove {note}"),
                "block_id": "count",
            },
            section(
                "Order",
                block_id="order",
                accessory=select
                | {"options": [option("Least recent", "least"), option("Name", "name")]},
            ),
            text_input(
                "Search",
                {
                    "type": "plain_text_input",
                    "action_id": "search",
                    "placeholder": plain("Name or e-mail"),
                    "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
                },
                block_id="search",
                dispatch_action=True,
                optional=True,
            ),
            {
                "type": "section",
                "block_id": "people",
                "text": mrkdwn("*Associates*"),
                "accessory": {
                    "type": "checkboxes",
                    "action_id": "people",
                    "options": [
                        option("Ada Lovelace", "ada", "last signed in 3 March 2025"),
                        option("Grace Hopper", "grace", "last signed in yesterday"),
                        option("Jean Bartik", "jean", "last sign-in unknown"),
                    ],
                },
            },
            text_input(
                "Why",
                {"type": "plain_text_input", "action_id": "why", "multiline": True},
                block_id="why",
                hint=plain("Auditors read this."),
            ),
            text_input(
                "How",
                {
                    "type": "radio_buttons",
                    "action_id": "how",
                    "options": [option("Take it away", "take"), option("Give another", "give")],
                },
                block_id="how",
                optional=True,
            ),
            text_input(
                "Tell these people",
                {
                    "type": "multi_external_select",
                    "action_id": "tell",
                    "min_query_length": 1,
                    "placeholder": plain("Type a name"),
                },
                block_id="tell",
                optional=True,
            ),
            text_input(
                "Modules",
                {
                    "type": "multi_static_select",
                    "action_id": "modules",
                    "options": PEOPLE[:8],
                    "initial_options": PEOPLE[:2],
                    "placeholder": plain("Modules"),
                },
                block_id="modules",
                optional=True,
            ),
            text_input(
                "Approver",
                {"type": "users_select", "action_id": "approver"},
                block_id="approver",
                optional=True,
            ),
            text_input(
                "Seats",
                {
                    "type": "number_input",
                    "action_id": "seats",
                    "is_decimal_allowed": False,
                    "initial_value": "12",
                },
                block_id="seats",
                optional=True,
            ),
            text_input(
                "From",
                {"type": "datepicker", "action_id": "from", "initial_date": "2027-01-31"},
                block_id="from",
                optional=True,
            ),
            text_input(
                "At",
                {"type": "timepicker", "action_id": "at", "initial_time": "08:30"},
                block_id="at",
                optional=True,
            ),
            text_input(
                "Licence file",
                {"type": "file_input", "action_id": "file", "filetypes": ["json"], "max_files": 1},
                block_id="file",
                optional=True,
            ),
            actions(button("Details", "push"), block_id="below"),
        ],
    }


def second_modal() -> Json:
    return {
        "type": "modal",
        "callback_id": "second",
        "title": plain("Details"),
        "close": plain("Back"),
        "notify_on_close": True,
        "blocks": [section("Nothing is taken from anyone yet.")],
    }


HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Licences at a glance")},
        section("Up to date. Next check <!date^1795900000^{date_short}|soon>."),
        {
            "type": "data_table",
            "caption": "Seats",
            "row_header_column_index": 0,
            "rows": [
                [{"type": "raw_text", "text": head} for head in ("Module", "In use", "Total")],
                *(
                    [
                        {"type": "raw_text", "text": name},
                        {"type": "raw_number", "value": used, "text": f"{used:,}"},
                        {"type": "raw_number", "value": total, "text": f"{total:,}"},
                    ]
                    for name, used, total in (("Sales", 48, 50), ("Marketing", 1204, 1250))
                ),
            ],
        },
        actions(button("Look for a new licence", "refresh", style="primary"), block_id="home"),
    ],
}

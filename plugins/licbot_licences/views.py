"""The modal: a tab for each license owner, with its dates and its licences."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ContextBlock,
    HeaderBlock,
    Option,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from licbot.domain.licenses import LicenseSet
from licbot.flows.status import OwnerStatus
from licbot.ports.lists import list_modal, packed, page_count, page_number, pager
from licbot.ports.texts import bold, clip, count, escape, mrkdwn, plain
from licbot_licences.catalog import EXPLAINED, Catalog, catalog, licence_lines
from licbot_licences.dates import date_lines, warnings

PAGE = 20
"""Licences in a page."""

MOST_OWNERS = 100
"""Options that Slack takes in a select."""


def owner_ref(row: OwnerStatus) -> str:
    """A short form of a license owner, since names may be longer than Slack's identifiers."""
    return hashlib.sha256(f"{row.system}/{row.license.owner.key}".encode()).hexdigest()[:16]


def licences_view(
    rows: Sequence[OwnerStatus], now: datetime, ref: str = "", page: str = "0"
) -> View:
    """The tab of one license owner.

    rows: every license owner, at least one. ref: which is shown; the first where there is no such
    one. page: of its licences, from 0, as a button carries it.
    """
    row = next((each for each in rows if owner_ref(each) == ref), rows[0])
    known = catalog(row, rows)
    pages = page_count(len(known.modules), PAGE)
    number = page_number(page, pages)
    said = count(len(known.modules), "licence")
    return list_modal(
        "Licences",
        [
            *_tabs(rows, row),
            HeaderBlock(text=plain(_label(row, rows, 100), 150)),
            *(_facts(row.license, now) if number == 0 else []),
            *_modules(known, number),
            *pager("licences:page", number, pages, said, f"{owner_ref(row)}:"),
        ],
    )


def _label(row: OwnerStatus, rows: Sequence[OwnerStatus], length: int) -> str:
    """The issuer, with the system where there are several: one may issue for all of them."""
    label = clip(row.license.owner.label, length)
    several = len({each.system for each in rows}) > 1
    return f"{label} ({row.system})" if several else row.license.owner.label


def _tabs(rows: Sequence[OwnerStatus], shown: OwnerStatus) -> list[Block]:
    if len(rows) == 1:
        return []
    options = {
        owner_ref(row): Option(value=owner_ref(row), text=plain(_label(row, rows, 40), 75))
        for row in rows[:MOST_OWNERS]
    }
    select = StaticSelectElement(
        action_id="licences:owner",
        placeholder=plain("Issuer of the licences", 150),
        options=list(options.values()),
        initial_option=options.get(owner_ref(shown)),
    )
    return [ActionsBlock(elements=[select])]


def _facts(license_set: LicenseSet, now: datetime) -> list[Block]:
    customer = license_set.customer
    issued_to = (
        f"Issued to {bold(clip(customer.company, 100))} · "
        f"serial number {escape(clip(customer.serial, 60))}"
    )
    blocks: list[Block] = [ContextBlock(elements=[mrkdwn(issued_to)])]
    blocks += [SectionBlock(text=mrkdwn(words)) for words in warnings(license_set.dates, now)]
    dates = "\n".join(date_lines(license_set.dates, now))
    return [*blocks, SectionBlock(text=mrkdwn(dates))]


def _modules(known: Catalog, number: int) -> list[Block]:
    blocks: list[Block] = []
    listed = known.modules[number * PAGE : (number + 1) * PAGE]
    for kind, modules in groupby(listed, key=lambda module: module.type):
        blocks.append(SectionBlock(text=mrkdwn(EXPLAINED[kind])))
        blocks += packed(
            [line for module in modules for line in licence_lines(module, known)],
            lambda left: f"… and {count(left, 'more line')}.",
        )
    return blocks or [SectionBlock(text=mrkdwn("There is no licence that people see."))]

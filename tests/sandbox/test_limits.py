"""The workspace's numbers are those that Slack documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from licbot.sandbox import limits
from licbot.sandbox.rules_blocks import SURFACES

# What the documentation calls it → what we call it. Everything else is derived or listed below.
OURS = {
    "view.title": limits.VIEW_TITLE,
    "view.submit": limits.VIEW_SUBMIT,
    "view.close": limits.VIEW_CLOSE,
    "view.private_metadata": limits.VIEW_PRIVATE_METADATA,
    "view.callback_id": limits.VIEW_CALLBACK_ID,
    "view.external_id": limits.VIEW_EXTERNAL_ID,
    "view.stack": limits.VIEW_STACK,
    "view.bytes": limits.VIEW_BYTES,
    "blocks_per.message": limits.BLOCKS["message"],
    "blocks_per.modal": limits.BLOCKS["modal"],
    "blocks_per.home": limits.BLOCKS["home"],
    "block.block_id": limits.BLOCK_ID,
    "block.section.text_min": 1,
    "block.section.text": limits.SECTION_TEXT,
    "block.section.fields": limits.SECTION_FIELDS,
    "block.section.field_text": limits.SECTION_FIELD_TEXT,
    "block.header.text": limits.HEADER_TEXT,
    "block.context.elements": limits.CONTEXT_ELEMENTS,
    "block.actions.elements": limits.ACTIONS_ELEMENTS,
    "block.input.label": limits.INPUT_LABEL,
    "block.input.hint": limits.INPUT_HINT,
    "block.image.image_url": limits.IMAGE_URL,
    "block.image.alt_text": limits.IMAGE_ALT_TEXT,
    "block.image.title": limits.IMAGE_TITLE,
    "block.markdown.text_total_per_message": limits.MARKDOWN_TEXT_TOTAL,
    "block.table.rows": limits.TABLE_ROWS,
    "block.table.columns": limits.TABLE_COLUMNS,
    "block.data_table.rows_with_header": limits.DATA_TABLE_ROWS_WITH_HEADER,
    "block.data_table.columns": limits.DATA_TABLE_COLUMNS,
    "block.data_table.characters": limits.DATA_TABLE_CHARACTERS,
    "block.alert.text": limits.ALERT_TEXT,
    "element.action_id": limits.ACTION_ID,
    "element.button.text": limits.BUTTON_TEXT,
    "element.button.value": limits.BUTTON_VALUE,
    "element.button.url": limits.BUTTON_URL,
    "element.button.accessibility_label": limits.BUTTON_ACCESSIBILITY_LABEL,
    "element.option.text": limits.OPTION_TEXT,
    "element.option.value": limits.OPTION_VALUE,
    "element.option.description": limits.OPTION_DESCRIPTION,
    "element.select.options": limits.SELECT_OPTIONS,
    "element.select.option_groups": limits.SELECT_OPTION_GROUPS,
    "element.select.placeholder": limits.PLACEHOLDER,
    "element.overflow.options_min": limits.OVERFLOW_OPTIONS_MIN,
    "element.overflow.options": limits.OVERFLOW_OPTIONS,
    "element.checkboxes.options": limits.CHECKBOXES_OPTIONS,
    "element.radio_buttons.options": limits.RADIO_BUTTONS_OPTIONS,
    "element.plain_text_input.max_length": limits.PLAIN_TEXT_INPUT,
    "element.file_input.max_files": limits.FILE_INPUT_FILES,
    "confirm.title": limits.CONFIRM_TITLE,
    "confirm.text": limits.CONFIRM_TEXT,
    "confirm.confirm": limits.CONFIRM_CONFIRM,
    "confirm.deny": limits.CONFIRM_DENY,
    "message.text": limits.MESSAGE_TEXT,
    "delivery.ack_seconds": limits.ACK_SECONDS,
    "delivery.trigger_id_seconds": limits.TRIGGER_ID_SECONDS,
    "delivery.response_url_uses": limits.RESPONSE_URL_USES,
    "delivery.response_url_seconds": limits.RESPONSE_URL_SECONDS,
    "delivery.socket_mode_connections": limits.SOCKET_MODE_CONNECTIONS,
}

# Numbers that are about the app, or about when Slack sends again, which only a test decides here.
NOT_OURS = {
    "delivery.trigger_id_uses",
    "delivery.request_timestamp_skew_seconds",
    "delivery.interactive_retries",
}


def numbers(node: Any, at: str = "") -> Iterator[tuple[str, int]]:
    """Every number of the documented limits, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from numbers(value, f"{at}.{key}" if at else key)
    elif isinstance(node, int):
        yield at, node


def test_every_documented_number_is_the_one_that_we_hold(slack_limits: Any) -> None:
    documented = dict(numbers({k: slack_limits[k] for k in _LIMITING}))

    assert {k: v for k, v in documented.items() if k not in NOT_OURS} == OURS


_LIMITING = ("view", "blocks_per", "block", "element", "confirm", "message", "delivery")


def test_the_rates_are_the_documented_ones(slack_limits: Any) -> None:
    tiers = {n: slack_limits["rate_per_minute"][f"tier{n}"] for n in (1, 2, 3, 4)}

    assert tiers == limits.TIER_PER_MINUTE
    assert slack_limits["method_tier"] == limits.METHOD_TIER
    assert slack_limits["rate_per_minute"]["chat.postMessage"] == "1 per second per channel"
    assert limits.POSTS_PER_SECOND_AND_CHANNEL == 1


def test_the_styles_of_buttons_are_the_documented_ones(slack_limits: Any) -> None:
    assert tuple(slack_limits["element"]["button"]["styles"]) == limits.BUTTON_STYLES


def test_the_surfaces_of_blocks_are_the_documented_ones(slack_limits: Any) -> None:
    documented = {
        kind: tuple(rules["surfaces"])
        for kind, rules in slack_limits["block"].items()
        if isinstance(rules, dict) and "surfaces" in rules
    }
    documented["markdown"] = tuple(slack_limits["block"]["markdown_surfaces"])

    assert documented == SURFACES

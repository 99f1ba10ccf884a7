"""What comes over HTTP is Slack's, of Slack's form and size, or it goes no further."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from licbot.slack.intake import MOST_BYTES, is_well_formed, refusal
from tests.scenarios.world import world

VERIFIER = SignatureVerifier("a-secret-of-slack")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
USER = {"id": "U1"}


def form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


async def pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length is not said before."""
    for _ in range(0, size, 100_000):
        yield b"x" * 100_000


def event(content: object) -> bytes:
    return json.dumps({"type": "event_callback", "event": content}).encode()


def signed(body: bytes, stamp: str = "") -> dict[str, str]:
    stamp = stamp or str(int(time.time()))
    signature = VERIFIER.generate_signature(timestamp=stamp, body=body) or ""
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signature}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"command=%2Flicense&text=&user_id=U1", FORM),
        (b"ssl_check=1&token=x", FORM),
        (form({"type": "block_actions", "user": USER, "actions": [{"action_id": "a:b"}]}), FORM),
        (form({"type": "view_submission", "user": USER, "view": {"id": "V1"}}), FORM),
        (form({"type": "view_closed", "user": USER, "view": {"id": "V1"}}), FORM),
        (form({"type": "block_suggestion", "user": USER, "action_id": "a:b"}), FORM),
        (event({"type": "app_home_opened", "user": "U1"}), JSON),
        (event({"type": "message"}), JSON),
        (b'{"type": "url_verification", "challenge": "x"}', JSON),
    ],
)
def test_what_slack_sends_is_let_through(body: bytes, content_type: str) -> None:
    assert is_well_formed(body, content_type)
    assert refusal({**signed(body), "content-type": content_type}, body, VERIFIER) is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b"[" * 50_000, JSON),
        (b"\xff\xfe", JSON),
        (b"payload={", FORM),
        (form(None), FORM),
        (form([]), FORM),
        (form("x"), FORM),
        (b"command=%2Flicense", FORM),
        (form({"type": "block_actions", "user": USER, "actions": []}), FORM),
        (form({"type": "block_actions", "user": USER, "actions": "x"}), FORM),
        (form({"type": "block_actions", "user": USER, "actions": [5]}), FORM),
        (form({"type": "block_actions", "user": USER, "actions": [{}]}), FORM),
        (form({"type": "block_actions", "actions": [{"action_id": "a:b"}]}), FORM),
        (form({"type": "view_submission", "user": USER, "view": []}), FORM),
        (form({"type": "block_suggestion", "user": USER}), FORM),
        (event("x"), JSON),
        (event({"type": "app_home_opened"}), JSON),
    ],
)
def test_what_slack_never_sends_is_refused(body: bytes, content_type: str) -> None:
    assert not is_well_formed(body, content_type)
    headers = {"content-type": content_type}
    assert refusal(headers, body, VERIFIER) == 401, "without a signature nothing is read"


@pytest.mark.parametrize("stamp", ["abc", "1e999", "", "-5", "٣", "9" * 40, "1"])
def test_a_request_without_a_fresh_time_stamp_is_refused(stamp: str) -> None:
    body = b"command=%2Flicense&user_id=U1"
    headers = {**signed(body), "x-slack-request-timestamp": stamp, "content-type": FORM}
    assert refusal(headers, body, VERIFIER) == 401


@given(body=st.binary(max_size=200), content_type=st.sampled_from([FORM, JSON, ""]))
def test_no_body_breaks_it(body: bytes, content_type: str) -> None:
    assert is_well_formed(body, content_type) in (True, False)
    assert refusal({"content-type": content_type}, body, VERIFIER) == 401


@given(text=st.text(max_size=60), signature=st.text(max_size=60))
def test_no_signature_breaks_it(text: str, signature: str) -> None:
    headers = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": signature}
    assert refusal(headers, text.encode(errors="replace"), VERIFIER) == 401


async def test_the_server_answers_all_of_them_without_a_fault(tmp_path: Path) -> None:
    async with world(tmp_path) as here, httpx.AsyncClient(base_url=here.address) as http:
        unsigned = await http.post("/slack/events", content=b"{", headers={"content-type": JSON})
        assert unsigned.status_code == 401
        large = await http.post("/slack/events", content=b"x" * (MOST_BYTES + 1))
        assert large.status_code == 413
        in_pieces = await http.post("/slack/events", content=pieces(MOST_BYTES + 1))
        assert in_pieces.status_code == 413

        body = form({"type": "block_actions", "user": USER, "actions": []})
        secret = here.licbot.settings.slack.signing_secret.get_secret_value()
        stamp = str(int(time.time()))
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
        malformed = await http.post(
            "/slack/events",
            content=body,
            headers={
                "content-type": FORM,
                "x-slack-request-timestamp": stamp,
                "x-slack-signature": signature or "",
            },
        )
        assert (malformed.status_code, malformed.text) == (400, "")
        help_text = await here.answer(here.person("anna"), "/license help")
        assert "What licbot can do" in help_text.text, "and it goes on answering"

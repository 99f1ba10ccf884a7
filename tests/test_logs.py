"""What is logged helps to find a fault and gives nothing away."""

import logging

import pytest
import structlog

from licbot.logs import configure_logs, redact

TOKEN = "xoxb-1111-2222-abcDEF"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> object:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"token={TOKEN}", "token=xoxb-…"),
        ("xapp-1-A-22-ffff is wrong", "xapp-… is wrong"),
        (f"'Authorization': 'Bearer {TOKEN}'", "'Authorization': 'Bearer…'"),
        ("postgresql://licbot:secret@db/licbot", "postgresql://licbot:…@db/licbot"),
        ("Authorization: Bearer 8A:Cust1.ab+c/d==", "Authorization: Bearer…"),
        ("Authorization: SOTicket 7T:MQA+zz/y==", "Authorization: SOTicket…"),
        ("the ticket 7T:MQA+zz/y== is over", "the ticket 7T:… is over"),
        ("the token 8A:Cust1.ab-c is over", "the token 8A:… is over"),
        ("ticket=7T%3AMQA%2Bzz", "ticket=7T%3A…"),
        ("SO-AppToken: 0123abcd", "SO-AppToken: …"),
        ("{'so-apptoken': '0123abcd', 'accept': '*'}", "{'so-apptoken': '…', 'accept': '*'}"),
        ("[(b'SO-AppToken', b'0123abcd')]", "[(b'SO-AppToken', b'…')]"),
        (
            "POST grant_type=refresh_token&client_secret=s3cr%2Ft&refresh_token=abc&x=1",
            "POST grant_type=refresh_token&client_secret=…&refresh_token=…&x=1",
        ),
        (
            "GET https://bot.example/callback?code=Ab.c-1~&state=7",
            "GET https://bot.example/callback?code=…&state=7",
        ),
        ("code_verifier=abc&code=def", "code_verifier=…&code=…"),
        ("to=%2Fcallback%3Fcode%3Dabc%26state%3D7 next", "to=%2Fcallback%3Fcode%3D… next"),
        ("Grant(code='two words', kind='a')", "Grant(code=…', kind='a')"),
        ("status_code=200 error.code=7", "status_code=200 error.code=7"),
        (
            '{"access_token": "abc", "expires_in": 3600, "refresh_token":"def"}',
            '{"access_token": "…", "expires_in": 3600, "refresh_token":"…"}',
        ),
        ("{'id_token': 'abc', 'scope': 'openid'}", "{'id_token': '…', 'scope': 'openid'}"),
        (
            '{"IsSuccessful": true, "Token": "abc", "ErrorMessage": ""}',
            '{"IsSuccessful": true, "Token": "…", "ErrorMessage": ""}',
        ),
        ('{"SignedSystemToken": "App-x.20261124.ab=="}', '{"SignedSystemToken": "…"}'),
        (r'"{\"access_token\": \"abc\", \"x\": 1}"', r'"{\"access_token\": \"…\", \"x\": 1}"'),
        ("claims eyJhbGciOiJI.eyJzdWIi.c2ln-_x end", "claims eyJ… end"),
        ("in licbot.slack.web and key.value.last", "in licbot.slack.web and key.value.last"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/=\n-----END RSA PRIVATE KEY-----\nnext",
            "-----BEGIN RSA PRIVATE KEY-----…\nnext",
        ),
        ("key=-----BEGIN PRIVATE KEY-----\\nMIIabc", "key=-----BEGIN PRIVATE KEY-----…"),
        ("-----BEGIN PUBLIC KEY-----\nMIIabc", "-----BEGIN PUBLIC KEY-----\nMIIabc"),
        ("row gAAAAABl-x_y12== is damaged", "row gAAAA… is damaged"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_left_out(text: str, said: str) -> None:
    assert redact(text) == said


def _fails(token: str) -> None:
    raise ValueError(f"refused with {token}")


def test_a_traceback_has_lines_of_code_and_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG")
    person = "somebody@example.com"
    try:
        _fails(TOKEN)
    except ValueError:
        structlog.get_logger("licbot").exception("request failed", number="1f")
        logging.getLogger("slack_bolt").exception("failed")

    out, err = capfd.readouterr()
    assert "request failed" in out
    assert "number=1f" in out
    assert "in _fails" in out
    assert "in _fails" in err
    assert TOKEN not in out + err
    assert person not in out + err


def test_what_is_no_text_is_looked_through_too(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")

    structlog.get_logger("licbot").info(
        "asked", form={"client_secret": "hush-hush"}, body=b"code=hush-hush", status=200, ok=True
    )

    out, _ = capfd.readouterr()
    assert "hush-hush" not in out
    assert "form={'client_secret': '…'}" in out
    assert "status=200 ok=True" in out

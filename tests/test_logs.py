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

"""The pages that plugins show in the browser: text only, framed so that nothing in it can act.

The query of a page may hold an authorization code: no log gets it, nor the words of an exception,
which might quote it.
"""

import base64
import hashlib
import traceback
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licbot.domain.errors import LicbotError
from licbot.hookspecs import Page, Shown
from licbot.ports.ports import Ports

log = structlog.get_logger(__name__)

MOST_QUERY_BYTES = 8192

TOO_LONG = Shown(
    title="This address is too long",
    text=["Go back to where you came from, and follow the link there once more."],
    ok=False,
)

BROKEN = (
    "Something went wrong in licbot. Go back and try again; if it stays, give the people who run "
    "licbot this number: {number}"
)

STYLE = """
:root { color-scheme: light dark; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1.0625rem/1.5 system-ui, sans-serif; background: #f6f6f4; color: #1c1c1a;
}
main {
  box-sizing: border-box; width: min(100%, 36rem); padding: 1.5rem;
  border-top: .25rem solid #2e7d4f; background: #fff; overflow-wrap: anywhere;
}
main.no { border-color: #b3261e; }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 .75rem; }
footer { margin-top: 1.5rem; font-size: .875rem; color: #62625d; }
@media (prefers-color-scheme: dark) {
  body { background: #161615; color: #ececea; }
  main { background: #222220; border-color: #6cc08b; }
  main.no { border-color: #ff8a80; }
  footer { color: #a5a59f; }
}
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page_routes(pages: Iterable[Page], ports: Ports) -> list[Route]:
    """The routes of the pages, which answer GET and nothing else."""
    return [_route(page, ports) for page in pages]


def _route(page: Page, ports: Ports) -> Route:
    async def show(request: Request) -> Response:
        query = request.scope["query_string"]
        if len(query) > MOST_QUERY_BYTES:
            return _response(TOO_LONG, 414)
        return await _answer(page, once(query), ports)

    route = Route(page.path, show)
    # Not HEAD either: whoever only looks ahead must not use a code up.
    route.methods = {"GET"}
    return route


def once(query: bytes) -> Mapping[str, str]:
    """The parameters that a query has exactly once."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


async def _answer(page: Page, parameters: Mapping[str, str], ports: Ports) -> Response:
    """What a page says, or what went wrong in words. Raises nothing."""
    try:
        shown = await page.answer(parameters, ports)
        return _response(shown, 200 if shown.ok else 400)
    except LicbotError as error:
        return _response(_failure(error.message), 400)
    except Exception as error:  # noqa: BLE001  outer edge: people get words and a number
        number = uuid.uuid4().hex[:8]
        log.error("page failed", number=number, path=page.path, at=_course(error))
        return _response(_failure(BROKEN.format(number=number)), 500)


def _failure(words: str) -> Shown:
    return Shown(title="This did not work", text=[words], ok=False)


def _course(error: BaseException | None) -> str:
    """Where exceptions were raised and of which kinds, without their words."""
    lines = []
    while error is not None:
        lines += [*traceback.format_tb(error.__traceback__), type(error).__name__]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(line.rstrip() for line in lines)


def _response(shown: Shown, status: int) -> Response:
    return Response(render(shown).encode(errors="replace"), status, HEADERS)


def render(shown: Shown) -> str:
    """The page as HTML, in which nothing of what it says is interpreted."""
    title = escape(shown.title)
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in shown.text)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – licbot</title>
<style>{STYLE}</style>
</head>
<body>
<main class="{"yes" if shown.ok else "no"}">
<h1>{title}</h1>
{text}
<footer>licbot</footer>
</main>
</body>
</html>
"""

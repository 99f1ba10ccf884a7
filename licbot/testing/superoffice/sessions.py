"""What lets somebody in: access tokens, refresh tokens and tickets of one tenant."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_LIFE = timedelta(seconds=3600)
"""How long an access token lasts."""
TICKET_LIFE = timedelta(hours=6)
"""How long a ticket lasts after its last use."""


@dataclass(slots=True)
class _Session:
    user: int
    client: str
    ends: datetime


class Sessions:
    """Who is signed in, and by which right they stay so."""

    def __init__(self, customer: str) -> None:
        self._customer = customer
        self._tokens: dict[str, _Session] = {}
        self._tickets: dict[str, _Session] = {}
        self._refresh: dict[str, tuple[int, str]] = {}

    def open_token(self, user: int, client: str, now: datetime) -> str:
        """A new access token."""
        token = f"8A:{self._customer}.{secrets.token_urlsafe(24)}"
        self._tokens[token] = _Session(user, client, now + TOKEN_LIFE)
        return token

    def open_refresh(self, user: int, client: str) -> str:
        """A new refresh token; it lasts until it is revoked."""
        token = secrets.token_urlsafe(24)
        self._refresh[token] = (user, client)
        return token

    def open_ticket(self, user: int, client: str, now: datetime) -> str:
        """A new ticket of a system user."""
        ticket = f"7T:{secrets.token_urlsafe(24)}=="
        self._tickets[ticket] = _Session(user, client, now + TICKET_LIFE)
        return ticket

    def bearer(self, token: str, now: datetime) -> int | None:
        """Whose access token this is, while it lasts."""
        session = self._tokens.get(token)
        return session.user if session and now < session.ends else None

    def ticket(self, ticket: str, client: str, now: datetime) -> int | None:
        """Whose ticket this is, while it lasts; it lasts longer by being used."""
        session = self._tickets.get(ticket)
        if session is None or now >= session.ends or session.client != client:
            return None
        session.ends = now + TICKET_LIFE
        return session.user

    def refreshing(self, token: str) -> tuple[int, str] | None:
        """The user and the client whose refresh token this is."""
        return self._refresh.get(token)

    def revoke(self, user: int) -> None:
        """Take back everything a user consented to."""
        self._refresh = {key: held for key, held in self._refresh.items() if held[0] != user}
        self._tokens = _of_others(self._tokens, user)
        self._tickets = _of_others(self._tickets, user)

    def expire(self) -> None:
        """Let all access tokens and tickets have ended."""
        self._tokens.clear()
        self._tickets.clear()


def _of_others(sessions: dict[str, _Session], user: int) -> dict[str, _Session]:
    return {key: session for key, session in sessions.items() if session.user != user}

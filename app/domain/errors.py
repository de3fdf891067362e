"""Errors a caller can act on. Nothing here knows about HTTP or Flask."""

from typing import Any


def N_(text: str) -> str:  # gettext's name for "translate it later"
    """Mark a sentence for translation where no language is known yet."""
    return text


class DomainError(Exception):
    """Base of all refusals: a stable `code`, a sentence for people, details for programs.

    A plain sentence may hold %(name)s placeholders, filled from the details when it is shown.
    """

    code = "error"

    def __init__(self, message: Any, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        if code:
            self.code = code

    def __str__(self) -> str:
        return str(self.message) % self.details if self.details else str(self.message)


class InvalidInput(DomainError):
    code = "invalid_input"


class Unauthorized(DomainError):
    code = "unauthorized"


class Forbidden(DomainError):
    code = "forbidden"


class NotFound(DomainError):
    code = "not_found"


class Conflict(DomainError):
    """The request was fine, but somebody else got there first. Safe to re-read and retry."""

    code = "conflict"


class RuleViolation(DomainError):
    code = "rule_violation"


class IllegalTransition(RuleViolation):
    code = "illegal_transition"


class TooManyRequests(DomainError):
    code = "too_many_requests"


class PayloadTooLarge(DomainError):
    code = "payload_too_large"


class Busy(DomainError):
    """The database did not get round to it in time. Nothing was changed; try again."""

    code = "busy"


class OutsideError(DomainError):
    """A service outside the product refused or did not answer."""

    code = "outside_error"

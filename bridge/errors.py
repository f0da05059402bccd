"""Every error a caller may branch on, and the codes that leave the process.

The tree::

    BridgeError
    ├── FloorRefused        a command the rules do not allow now (floor or show)
    ├── ProtocolError       bad input on the wire: message, SDP, packet
    ├── StoreConflict       somebody else appended first
    ├── StoreUnavailable    the log cannot be written or read now
    ├── MediaError          a peer could not be made or found
    ├── AccessDenied        missing, wrong, expired or revoked token; role without the right
    └── ConfigError         event file or settings that cannot work

A ``Code`` is stable for ever: pages, scripts and the locale catalogues
(``web/locales/*/errors.json``) are keyed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = [
    "AccessDenied",
    "BridgeError",
    "Code",
    "ConfigError",
    "FloorRefused",
    "MediaError",
    "ProtocolError",
    "StoreConflict",
    "StoreUnavailable",
]


class Code(StrEnum):
    """Machine-readable reason, the same on websocket, HTTP and command line."""

    # floor and show
    LIST_CLOSED = "list_closed"
    LIST_SUSPENDED = "list_suspended"
    DUPLICATE_REQUEST = "duplicate_request"
    REQUEST_UNKNOWN = "request_unknown"
    WRONG_STATE = "wrong_state"
    FLOOR_BUSY = "floor_busy"
    NOT_READY = "not_ready"
    LINK_BAD = "link_bad"
    REPLY_UNKNOWN = "reply_unknown"
    TOO_MANY_REQUESTS = "too_many_requests"
    POLICY_INVALID = "policy_invalid"
    PROPOSAL_CHANGED = "proposal_changed"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_YOURS = "not_yours"
    SITE_UNKNOWN = "site_unknown"
    SOURCE_UNKNOWN = "source_unknown"
    PREVIEW_CHANGED = "preview_changed"
    SLOT_UNUSED = "slot_unused"
    MICROPHONES_FULL = "microphones_full"
    ITEM_UNKNOWN = "item_unknown"
    MOVE_INVALID = "move_invalid"
    STALE_REVISION = "stale_revision"
    # rehearsal and checks before entering
    SIGNED_OFF = "signed_off"
    CHECKS_OPEN = "checks_open"
    NOTE_MISSING = "note_missing"
    SITE_ON_AIR = "site_on_air"
    TEST_RUNNING = "test_running"
    # protocol
    MESSAGE_MALFORMED = "message_malformed"
    MESSAGE_TOO_LARGE = "message_too_large"
    COMMAND_UNKNOWN = "command_unknown"
    FIELD_INVALID = "field_invalid"
    TOO_MANY_MESSAGES = "too_many_messages"
    SDP_MALFORMED = "sdp_malformed"
    SDP_UNSUPPORTED = "sdp_unsupported"
    PACKET_MALFORMED = "packet_malformed"
    # HTTP
    METHOD_UNSUPPORTED = "method_unsupported"
    NOT_ACCEPTABLE = "not_acceptable"
    PRECONDITION_FAILED = "precondition_failed"
    PRECONDITION_REQUIRED = "precondition_required"
    MEDIA_TYPE_UNSUPPORTED = "media_type_unsupported"
    # store
    STORE_CONFLICT = "store_conflict"
    STORE_UNAVAILABLE = "store_unavailable"
    STORE_CORRUPT = "store_corrupt"
    # media
    PEER_UNKNOWN = "peer_unknown"
    TOO_MANY_PEERS = "too_many_peers"
    NO_VALID_CHECK = "no_valid_check"
    TALK_BUSY = "talk_busy"
    TALK_ON_AIR = "talk_on_air"
    # link health
    ALERT_UNKNOWN = "alert_unknown"
    # access
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code, not a secret
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    ROLE_FORBIDDEN = "role_forbidden"
    ORIGIN_FORBIDDEN = "origin_forbidden"
    SESSION_UNKNOWN = "session_unknown"
    # configuration
    CONFIG_INVALID = "config_invalid"
    PORT_IN_USE = "port_in_use"
    DATA_UNWRITABLE = "data_unwritable"
    ENGINE_MISSING = "engine_missing"
    # anything unforeseen; the log has the details
    INTERNAL = "internal"


class BridgeError(Exception):
    """Base of all errors of this package.

    Args:
        code: stable machine code.
        message: one English sentence that says what to do.
        details: values for the translated sentence (``{name}`` placeholders).
    """

    def __init__(
        self, code: Code, message: str, details: Mapping[str, str | int | float] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, str | int | float] = dict(details or {})


class FloorRefused(BridgeError):
    """The rules of floor or show do not allow this command in the present state."""


class ProtocolError(BridgeError):
    """The other side sent something that is not what the protocol says."""


class StoreConflict(BridgeError):
    """Another writer appended at this revision first; read, fold and decide again."""


class StoreUnavailable(BridgeError):
    """The log cannot be reached; nothing was acknowledged. Try again later."""


class MediaError(BridgeError):
    """A media peer could not be created, found or changed."""


class AccessDenied(BridgeError):
    """The token does not give this right."""


class ConfigError(BridgeError):
    """Settings or event file that cannot work; nothing was started."""

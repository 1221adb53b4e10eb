"""Every error of the tracking service's own, by its reason. docs/errors.md lists them all."""

from __future__ import annotations

from servicekit.errors import (
    Aborted,
    FailedPrecondition,
    Internal,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
)

#: One identity that does too much is told so after this time. Whoever tries again at once then costs others less.
SLOW_ANSWER_SECONDS = 1.0


class WhiteboardSessionNotFound(NotFound):
    """There is no such whiteboard session, or you may not see it."""

    reason = "WHITEBOARD_SESSION_NOT_FOUND"


class NotAParticipant(PermissionDenied):
    """This user does not take part in this whiteboard session in this capacity."""

    reason = "NOT_A_PARTICIPANT"


class IdentityMismatch(PermissionDenied):
    """What the request says about the participant contradicts the token."""

    reason = "IDENTITY_MISMATCH"


class NotYourSession(PermissionDenied):
    """Only participants of the session, admins and services may see its status."""

    reason = "NOT_YOUR_SESSION"


class EventTooOld(OutOfRange):
    """The event is older than the back-fill limit."""

    reason = "EVENT_TOO_OLD"


class NoSchedule(FailedPrecondition):
    """No window was sent, and the whiteboard session has no scheduled start and end."""

    reason = "NO_SCHEDULE"


class SequenceGap(OutOfRange):
    """A number is missing; resume the stream and go on after what is committed."""

    reason = "SEQUENCE_GAP"


class StreamTakenOver(Aborted):
    """Another stream with the same stream_id took over."""

    reason = "STREAM_TAKEN_OVER"


class StreamExpired(Aborted):
    """The stream was not used for too long; start a new one with a new stream_id."""

    reason = "STREAM_FORGOTTEN"


class StreamBroken(Aborted):
    """An earlier part of the stream could not be recorded; resume the stream."""

    reason = "STREAM_BROKEN"


class StreamOfAnotherIdentity(PermissionDenied):
    """This stream_id belongs to another identity; make a new one."""

    reason = "STREAM_OF_ANOTHER_IDENTITY"


class Draining(Unavailable):
    """This replica is about to stop; open the stream elsewhere."""

    reason = "DRAINING"


class QueueFull(Unavailable):
    """Too many events are waiting to be written; retry."""

    reason = "QUEUE_FULL"
    limit = "queued_events"


class NotConfirmed(Unavailable):
    """The event could not be confirmed in time; retry. It may be recorded all the same; presence counts once."""

    reason = "NOT_CONFIRMED"


class TooManyWatches(Unavailable):
    """This replica serves as many watches as it can; retry, another one may have room."""

    reason = "TOO_MANY_WATCHES"
    limit = "watches"


class RateLimited(ResourceExhausted):
    """This identity sends or opens too much; retry after the given time."""

    reason = "RATE_LIMITED"
    answered_after_seconds = SLOW_ANSWER_SECONDS


class TooManyOfOneIdentity(ResourceExhausted):
    """This identity has too many streams or watches open; close some first."""

    reason = "TOO_MANY_OF_ONE_IDENTITY"
    answered_after_seconds = SLOW_ANSWER_SECONDS


class RecordingFailed(Internal):
    """The events could not be recorded; the failure is in the service's log."""

    reason = "RECORDING_FAILED"

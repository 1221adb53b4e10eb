"""What affects a suggestion: a code for programs and a sentence for people (docs/suggestions.md#reasons)."""

from __future__ import annotations

from enum import StrEnum


class ReasonCode(StrEnum):
    """One thing that affected a suggestion."""

    NO_WHITEBOARD = "no_whiteboard"
    WHITEBOARD_UNKNOWN = "whiteboard_unknown"
    FACTS_DELETED = "facts_deleted"
    NO_SCHEDULE = "no_schedule"
    NO_PARTICIPANT = "no_participant"
    NOT_BEGUN = "not_begun"
    CANCELLED = "cancelled"
    CANNOT_KNOW = "cannot_know"
    NEVER_CONNECTED = "never_connected"
    WAITED = "waited"
    VERY_LOW_ENGAGEMENT = "very_low_engagement"
    VERY_LATE_LOW_ENGAGEMENT = "very_late_low_engagement"
    VERY_LATE = "very_late"
    LATE = "late"
    ON_TIME = "on_time"
    HIGH_ENGAGEMENT = "high_engagement"
    MEDIUM_ENGAGEMENT = "medium_engagement"
    LOW_ENGAGEMENT = "low_engagement"
    SHORT_WINDOW = "short_window"
    MANY_RECONNECTS = "many_reconnects"
    NEAR_LATENESS_LIMIT = "near_lateness_limit"
    NEAR_ENGAGEMENT_LIMIT = "near_engagement_limit"
    NEAR_WAITING_LIMIT = "near_waiting_limit"
    PARTLY_UNOBSERVED = "partly_unobserved"
    UNKNOWN_DECISIVE = "unknown_decisive"
    ARRIVAL_ASSUMED = "arrival_assumed"
    ARRIVAL_DECISIVE = "arrival_decisive"
    SEEN_OUTSIDE_WINDOW = "seen_outside_window"
    SHIFTED = "shifted"
    NEVER_TOGETHER = "never_together"
    CLOCK_OFF = "clock_off"
    SUBSTITUTE = "substitute"
    NOT_ON_WHITEBOARD = "not_on_whiteboard"
    GUEST = "guest"
    OTHERS_ON_WHITEBOARD = "others_on_whiteboard"
    STUDENTS_DIFFER = "students_differ"
    RUNNING = "running"
    SETTLING = "settling"
    ABSENCE_ANNOUNCED = "absence_announced"


#: Sentences for people. `domain.judgement` fills in the names in braces.
TEMPLATES: dict[ReasonCode, str] = {
    ReasonCode.NO_WHITEBOARD: "This lesson has no whiteboard: mark manually.",
    ReasonCode.WHITEBOARD_UNKNOWN: "The whiteboard of this lesson is unknown to the tracking service: mark manually.",
    ReasonCode.FACTS_DELETED: ("What was known of this lesson was deleted, so nothing new can be suggested."),
    ReasonCode.NO_SCHEDULE: "Neither the lesson nor its whiteboard has a scheduled time: mark manually.",
    ReasonCode.NO_PARTICIPANT: "The whiteboard names no tutor or no student: mark manually.",
    ReasonCode.NOT_BEGUN: "The lesson has not begun.",
    ReasonCode.CANCELLED: "The lesson was cancelled: there is no attendance to record.",
    ReasonCode.CANNOT_KNOW: "{unknown} % of the lesson could not be observed, so the status is not known.",
    ReasonCode.NEVER_CONNECTED: "Never connected during the lesson.",
    ReasonCode.WAITED: "Came on time and waited {waited} min alone, so there was no need to stay.",
    ReasonCode.VERY_LOW_ENGAGEMENT: "Connected for only {engagement} % of the lesson.",
    ReasonCode.VERY_LATE_LOW_ENGAGEMENT: (
        "Joined {lateness} min after the start and was connected for only {engagement} % of the lesson."
    ),
    ReasonCode.VERY_LATE: "Joined {lateness} min after the start.",
    ReasonCode.LATE: "Joined {lateness} min after the start.",
    ReasonCode.ON_TIME: "Joined on time ({lateness} min after the start).",
    ReasonCode.HIGH_ENGAGEMENT: "Connected for {engagement} % of the lesson.",
    ReasonCode.MEDIUM_ENGAGEMENT: "Connected for {engagement} % of the lesson.",
    ReasonCode.LOW_ENGAGEMENT: "Connected for only {engagement} % of the lesson.",
    ReasonCode.SHORT_WINDOW: "The lesson was short ({window} min), so single minutes make a difference.",
    ReasonCode.MANY_RECONNECTS: "The connection was lost and came back {reconnects} times.",
    ReasonCode.NEAR_LATENESS_LIMIT: "The arrival is less than {margin} s from a limit, so a small difference decides.",
    ReasonCode.NEAR_ENGAGEMENT_LIMIT: (
        "Engagement is less than {margin} points from a limit, so a small difference decides."
    ),
    ReasonCode.NEAR_WAITING_LIMIT: (
        "The time of waiting is less than {margin} s from a limit, so a small difference decides."
    ),
    ReasonCode.PARTLY_UNOBSERVED: "{unobserved} % of the lesson could not be observed.",
    ReasonCode.UNKNOWN_DECISIVE: (
        "Presence or absence in the time that could not be observed would mean another status."
    ),
    ReasonCode.ARRIVAL_ASSUMED: "The arrival could not be observed; the earliest possible time is assumed.",
    ReasonCode.ARRIVAL_DECISIVE: "A later arrival, which could not be observed, would mean another status.",
    ReasonCode.SEEN_OUTSIDE_WINDOW: (
        "Was at the whiteboard for {outside} min shortly before or after the lesson, and never during it."
    ),
    ReasonCode.SHIFTED: (
        "Tutor and student both came and left earlier, or both later, than scheduled by about the same time."
    ),
    ReasonCode.NEVER_TOGETHER: "Tutor and student were never there at the same time.",
    ReasonCode.CLOCK_OFF: "The clock of the server that reported this presence was {offset} s off.",
    ReasonCode.SUBSTITUTE: "Another tutor, who is not the tutor of this course, was at the whiteboard.",
    ReasonCode.NOT_ON_WHITEBOARD: (
        "The whiteboard's list does not name everyone who belongs to this lesson, so their presence is not known."
    ),
    ReasonCode.GUEST: "A student who does not belong to this lesson was at the whiteboard.",
    ReasonCode.OTHERS_ON_WHITEBOARD: "The whiteboard's list names people who do not belong to this lesson.",
    ReasonCode.STUDENTS_DIFFER: "The students of this class differ: look at each of them.",
    ReasonCode.RUNNING: "The lesson is still running.",
    ReasonCode.SETTLING: "The lesson has just ended; late reports may still change this.",
    ReasonCode.ABSENCE_ANNOUNCED: "This absence was announced before the lesson.",
}

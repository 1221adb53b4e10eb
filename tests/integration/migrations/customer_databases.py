"""Databases as customers have them: in SQL as the platform's own, older code made them."""

from __future__ import annotations

#: The platform's tables that are read, with some columns that the services do not use.
PLATFORM = """
CREATE TABLE users (
    id SERIAL PRIMARY KEY, first_name VARCHAR(100), father_name VARCHAR(100), email VARCHAR(255), password_hash TEXT
);
CREATE TABLE tutor_profiles (
    id SERIAL PRIMARY KEY, user_id INTEGER REFERENCES users (id), username VARCHAR(50) UNIQUE
);
CREATE TABLE student_profiles (
    id SERIAL PRIMARY KEY, user_id INTEGER REFERENCES users (id), username VARCHAR(50), parent_id INTEGER[] DEFAULT '{}'
);
CREATE TABLE parent_profiles (
    id SERIAL PRIMARY KEY, user_id INTEGER REFERENCES users (id), children_ids INTEGER[] DEFAULT '{}'
);
CREATE TABLE courses (id SERIAL PRIMARY KEY, course_name VARCHAR(255) NOT NULL);
CREATE TABLE tutor_packages (id SERIAL PRIMARY KEY, name VARCHAR(255) NOT NULL);
CREATE TABLE enrolled_courses (
    id SERIAL PRIMARY KEY, tutor_id INTEGER REFERENCES tutor_profiles (id), students_id INTEGER[] DEFAULT '{}',
    package_id INTEGER REFERENCES tutor_packages (id), course_id INTEGER[] DEFAULT '{}'
);
INSERT INTO users (first_name, father_name, password_hash) VALUES ('Abel', 'Bekele', 'x'), ('Sara', 'Haile', 'y');
INSERT INTO tutor_profiles (user_id, username) VALUES (1, 'abel');
INSERT INTO student_profiles (user_id, username) VALUES (2, 'sara');
INSERT INTO enrolled_courses (tutor_id, students_id) VALUES (1, '{1}');
"""

_WHITEBOARD_SESSIONS_BEFORE = """
CREATE TABLE whiteboard_sessions (
    id SERIAL PRIMARY KEY, tutor_id INTEGER NOT NULL, student_id INTEGER NOT NULL, title VARCHAR(255),
    scheduled_start TIMESTAMP, scheduled_end TIMESTAMP, status VARCHAR(20) DEFAULT 'scheduled',
    attendance_status VARCHAR(20), created_at TIMESTAMP DEFAULT now()
);
INSERT INTO whiteboard_sessions (tutor_id, student_id, scheduled_start, attendance_status) VALUES
    (1, 2, '2025-03-01 09:00', 'present'), (1, 2, '2025-03-02 09:00', 'no-show'), (1, 2, '2025-03-03 09:00', NULL);
"""

_SESSIONS_BEFORE = """
CREATE TABLE sessions (
    id SERIAL PRIMARY KEY, enrolled_courses_id INTEGER REFERENCES enrolled_courses (id),
    whiteboard_id INTEGER REFERENCES whiteboard_sessions (id), session_date DATE NOT NULL,
    start_time TIME NOT NULL, end_time TIME NOT NULL, status VARCHAR(20) DEFAULT 'scheduled',
    tutor_attendance_status VARCHAR(20), student_attendance_status VARCHAR(20) DEFAULT 'present',
    created_at TIMESTAMP DEFAULT now()
);
INSERT INTO sessions (enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, tutor_attendance_status)
VALUES (1, 1, '2025-03-01', '09:00', '10:00', 'Present!');
"""

#: (a) Before the two documented migrations ran.
BEFORE = PLATFORM + _WHITEBOARD_SESSIONS_BEFORE + _SESSIONS_BEFORE

_WHITEBOARD_SESSIONS_AFTER = """
CREATE TABLE whiteboard_sessions (
    id SERIAL PRIMARY KEY, tutor_id INTEGER NOT NULL, student_id INTEGER[] NOT NULL, title VARCHAR(255),
    scheduled_start TIMESTAMP, scheduled_end TIMESTAMP, status VARCHAR(20) DEFAULT 'scheduled',
    created_at TIMESTAMP DEFAULT now(),
    tutor_connected_at TIMESTAMP, tutor_disconnected_at TIMESTAMP, tutor_last_activity_at TIMESTAMP,
    tutor_total_active_seconds INTEGER DEFAULT 0,
    student_connected_at TIMESTAMP, student_disconnected_at TIMESTAMP, student_last_activity_at TIMESTAMP,
    student_total_active_seconds INTEGER, connection_logs JSONB
);
CREATE INDEX whiteboard_last_activity ON whiteboard_sessions (tutor_last_activity_at, student_last_activity_at);
CREATE INDEX whiteboard_connected ON whiteboard_sessions (tutor_id) WHERE tutor_disconnected_at IS NULL;
CREATE INDEX whiteboard_minutes ON whiteboard_sessions ((tutor_total_active_seconds / 60));
CREATE INDEX whiteboard_of_tutor ON whiteboard_sessions (tutor_id);
INSERT INTO whiteboard_sessions (tutor_id, student_id, scheduled_start, tutor_connected_at, tutor_total_active_seconds,
                                 connection_logs) VALUES
    (1, '{2}', '2025-03-01 09:00', '2025-03-01 09:01:02.000003', 1800, '[{"event": "connect"}]'),
    (1, '{2}', '2025-03-02 09:00', NULL, NULL, NULL);
"""

_SESSIONS_AFTER = """
CREATE TABLE sessions (
    id SERIAL PRIMARY KEY, enrolled_courses_id INTEGER REFERENCES enrolled_courses (id),
    whiteboard_id INTEGER REFERENCES whiteboard_sessions (id), session_date DATE NOT NULL,
    start_time TIME NOT NULL, end_time TIME NOT NULL, status VARCHAR(20) DEFAULT 'scheduled',
    tutor_attendance_status VARCHAR(20) DEFAULT 'present' CHECK (tutor_attendance_status IN ('present', 'absent')),
    student_attendance_status VARCHAR(20) DEFAULT 'present',
    attendance_marked_by INTEGER REFERENCES users (id), attendance_marked_at TIMESTAMP,
    attendance_source VARCHAR(20) CHECK (attendance_source <> 'parent_reported' AND attendance_source NOT LIKE '%x%'),
    attendance_notes TEXT
);
INSERT INTO sessions (enrolled_courses_id, whiteboard_id, session_date, start_time, end_time, attendance_marked_by,
                      attendance_marked_at, attendance_source) VALUES
    (1, 1, '2025-03-01', '09:00', '10:00', 1, '2025-03-01 10:05', 'manual'),
    (1, 2, '2025-03-02', '09:00', '10:00', NULL, NULL, NULL),
    (1, NULL, '2025-03-03', '09:00', '10:00', 1, '2025-03-03 10:05', '50% imported'),
    (1, NULL, '2025-03-04', '09:00', '10:00', 1, '2025-03-04 10:05', 'tutor''s app');
"""

#: (b) After they ran.
AFTER = PLATFORM + _WHITEBOARD_SESSIONS_AFTER + _SESSIONS_AFTER

#: Between the two: begun by hand and left half-done.
MIXED = (
    BEFORE
    + """
ALTER TABLE whiteboard_sessions ADD COLUMN tutor_connected_at TIMESTAMPTZ(0) NOT NULL DEFAULT '2025-03-01 09:00+00',
    ADD COLUMN connection_logs JSON DEFAULT '[]', ADD COLUMN tutor_total_active_seconds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE whiteboard_sessions DROP COLUMN title;
ALTER TABLE sessions ADD COLUMN attendance_source TEXT NOT NULL DEFAULT 'manual',
    ADD COLUMN attendance_notes VARCHAR(200), DROP COLUMN whiteboard_id;
"""
)

"""SQL that records policies and reads them back."""

from __future__ import annotations

from sqlalchemy import text

#: The newest policy of each of some courses, and the newest one of everybody; who withdrew theirs has none.
NEWEST_POLICIES = text("""
SELECT course_id, version, limits
FROM (
    (SELECT course_id, version, limits FROM attendance_policies
     WHERE course_id IS NULL ORDER BY version DESC LIMIT 1)
    UNION ALL
    SELECT policy.course_id, policy.version, policy.limits
    FROM unnest(CAST(:courses AS integer[])) AS course (id)
    CROSS JOIN LATERAL (SELECT course_id, version, limits FROM attendance_policies
                        WHERE course_id = course.id ORDER BY version DESC LIMIT 1) AS policy
) AS newest
WHERE limits IS NOT NULL
""")

_POLICIES = """
SELECT policy.version, policy.course_id, policy.limits, policy.note, policy.created_at, policy.created_by,
       btrim(concat_ws(' ', creator.first_name, creator.father_name)) AS created_by_name,
       NOT EXISTS (SELECT FROM attendance_policies AS newer
                   WHERE newer.course_id IS NOT DISTINCT FROM policy.course_id AND newer.version > policy.version)
           AS in_force
FROM attendance_policies AS policy
LEFT JOIN users AS creator ON creator.id = policy.created_by
"""

#: One policy.
POLICY = text(f"{_POLICIES} WHERE policy.version = :version")

#: Policies (with `:course`: those for this course), newest first, below the last one of the page before.
POLICIES = text(f"""{_POLICIES}
WHERE (CAST(:course AS integer) IS NULL OR policy.course_id = CAST(:course AS integer))
  AND (CAST(:before AS integer) IS NULL OR policy.version < CAST(:before AS integer))
ORDER BY policy.version DESC
LIMIT :page_size
""")

#: Whether the built-in limits count for whoever has no policy of their own: nothing replaces them, or no longer.
BUILT_IN_COUNTS = text("""
SELECT COALESCE((SELECT limits IS NULL FROM attendance_policies
                 WHERE course_id IS NULL ORDER BY version DESC LIMIT 1), TRUE)
""")

#: Whoever creates one must exist, and so must the course.
COURSE_EXISTS = text("SELECT EXISTS (SELECT FROM courses WHERE id = :course)")

INSERT_POLICY = text("""
INSERT INTO attendance_policies (course_id, created_by, limits, note)
VALUES (:course, :caller, CAST(:limits AS jsonb), :note)
RETURNING version
""")

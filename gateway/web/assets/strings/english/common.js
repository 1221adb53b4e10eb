// Words that several views share.

export default {
  status: { present: "Present", late: "Late", absent: "Absent", unmarked: "Not marked yet", other: "{status}" },
  source: {
    manual: "Marked by hand",
    whiteboard_auto: "Suggestion accepted",
    parent_reported: "Reported by a parent",
    admin_override: "Decided by an admin",
    system_default: "Not marked yet",
  },
  role: { tutor: "tutor", student: "student", parent: "parent", admin: "admin" },
  confidence: { high: "high confidence", medium: "medium confidence", low: "low confidence" },
  lesson: { scheduled: "Scheduled", "in-progress": "Running", completed: "Finished", cancelled: "Cancelled", missed: "Missed" },
  tutor: "Tutor",
  student: "Student",
  class: "Class",
  more: "Show more",
  retry: "Try again",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  minutes: "{minutes} min",
  percent: "{percent} %",
  notKnown: "not known",
};

// What students and parents see of attendance.

export default {
  record: {
    title: "My attendance",
    titleOf: "Attendance of {name}",
    empty: "There are no lessons yet. Once there are, they stand here with what was recorded about them.",
    shown: { one: "{count} lesson is shown.", other: "{count} lessons are shown." },
    lessons: "Lessons",
    details: "Look at it",
    detailsOf: "Look at it: {course}, {date}, {start}",
    report: "Report an absence or presence",
    reportOf: "Report an absence or presence: {course}, {date}, {start}",
    time: "{start} to {end}",
    reported: "It was recorded: {status}.",
  },
  summary: {
    title: "In all",
    of: { one: "Of {count} finished lesson.", other: "Of {count} finished lessons." },
    ofLatest: "Of the latest {count} finished lessons.",
    none: "No lesson is finished yet.",
    minutes: "Minutes at the whiteboard",
    file: "Download as CSV",
    fileName: "attendance-{student}.csv",
    noProfile: "Your account has no student profile, so there is no summary.",
  },
  children: {
    title: "Children",
    choose: "Your children",
    none: "No child is connected with your account. If that is wrong, ask the platform to connect your children with it.",
    notYours: "This is none of your children.",
    loading: "Your children are being looked up.",
  },
};

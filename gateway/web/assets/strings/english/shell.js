// Around every view.

export default {
  title: "Attendance",
  titleOf: "{page} · Attendance",
  skip: "Skip to the content",
  navigation: "Pages",
  loading: "Loading …",
  documentation: "API documentation",
  chooser: "Signed in as",
  demoPerson: "{name} ({role})",
  somebodyElse: "Somebody else",
  noPages: "You are signed in with a role that has no pages here: they are for tutors, students, parents and admins.",
  signedOut: "You are not signed in. Sign in on the platform, in another tab; this page then goes on.",
  noSuchPage: "There is no such page.",
  toTheStart: "Go to the start",
  renewed: "This page was renewed in the meantime. Load it again.",
  reload: "Load again",
  pages: {
    sessions: "Sessions",
    reports: "Reports",
    rates: "Attendance rate",
    students: "Students",
    engagement: "Engagement",
    agreement: "Suggestions",
    record: "My attendance",
    children: "Children",
  },
};

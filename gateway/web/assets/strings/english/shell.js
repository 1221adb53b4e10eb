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
  signedOut: "You are not signed in. Sign in on the platform, then load this page again.",
  noSuchPage: "There is no such page.",
  toTheStart: "Go to the start",
  renewed: "This page was renewed in the meantime. Load it again.",
  reload: "Load again",
  pages: {
    sessions: "Sessions",
    rates: "Tutors",
    students: "Students",
    engagement: "Engagement",
    agreement: "Suggestions",
    record: "My attendance",
    children: "Children",
  },
};

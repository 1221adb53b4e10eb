// What went wrong, and what to do. The API's own messages are shown where there are any.

export default {
  signedOut: "You are not signed in. Sign in on the platform; what you have typed stays here.",
  expired: "Your sign-in has expired. Sign in again on the platform, in another tab, then try again here: what you have typed stays.",
  offline: "The server can't be reached. Check your connection and try again; nothing was lost.",
  unavailable: "The service can't be reached at the moment. Try again in a few seconds.",
  other: "The server answered {status}. Try again.",
};

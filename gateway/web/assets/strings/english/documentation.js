// The API's documentation. What its viewer says by itself is English.

export default {
  body: "Request body",
  close: "Close",
  copy: "Copy to the clipboard",
  example: "Example",
  schema: "Details",
};

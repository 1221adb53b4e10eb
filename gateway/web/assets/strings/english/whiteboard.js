// The demo whiteboard.

export default {
  title: "Whiteboard",
  titleOf: "Whiteboard {session}",
  whoIsHere: "Who is here",
  connecting: "Connecting …",
  present: { tutor: "You are present as tutor.", student: "You are present as student." },
  mending: "Your connection is interrupted; it is being restored. {message}",
  lost: "Your presence is not recorded: {message}",
  watching: "You are watching: only tutors and students take part.",
  unclear: "Who is here is not known at the moment. {message}",
  tutor: { begin: "Tutor: not known yet", here: "Tutor: here", gone: "Tutor: gone since {time}", absent: "Tutor: has not come", unknown: "Tutor: not known" },
  student: { begin: "Student: not known yet", here: "Student: here", gone: "Student: gone since {time}", absent: "Student: has not come", unknown: "Student: not known" },
  canvas: "Whiteboard: draw with the pointer, type with the keyboard",
  pen: "Pen",
  eraser: "Eraser",
  attendance: "Attendance",
};

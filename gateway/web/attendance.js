attendance.js

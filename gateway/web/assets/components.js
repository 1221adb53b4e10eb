// What every view is made of, in one place to import it from.

export {
  announcedAbsences,
  chip,
  NOT_MARKED,
  outcomeInWords,
  sourceLabel,
  statusChip,
  statusWord,
  tallyChips,
  tallyInWords,
} from "./chips.js";
export { button, drawing, element, face, icon, iconButton, initials, isolated } from "./elements.js";
export { notices } from "./notices.js";
export { loadStyle } from "./style-sheets.js";

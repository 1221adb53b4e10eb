// The page at a path where there is nothing: its words in the reader's language.

import { translate } from "./words.js";

translate(document);

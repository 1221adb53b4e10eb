// Adds up how often people agreed with suggestions.

const PER_MILLE = 1000;
const PER_CENT = 10;

/** Return agreed as a share of decided in percent, rounded down to one decimal as the API does: 90 is 90 % at least. */
export function shareOf({ agreed, decided }) {
  return Math.floor((agreed * PER_MILLE) / decided) / PER_CENT;
}

/** Add up rows by one of their fields, in the order in which its values come, as `{ name, agreed, decided }`. */
export function groupedBy(field, rows) {
  const groups = new Map();
  for (const row of rows) {
    const { agreed, decided } = groups.get(row[field]) ?? { agreed: 0, decided: 0 };
    groups.set(row[field], { name: row[field], agreed: agreed + row.agreed, decided: decided + row.decided });
  }
  return [...groups.values()];
}

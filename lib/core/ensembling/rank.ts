/** A candidate's score: nnU-Net's foreground_mean Dice of the pooled cross-validation; NaN if it has none. */
export interface Scored {
  readonly meanDice: number;
}

/**
 * Candidates by falling score; equal scores keep the order they came in, which `candidates` chooses.
 *
 * NaN (a label that occurs nowhere) ranks below every number. There is no minimum gain for an ensemble: any difference
 * decides, as in nnU-Net.
 */
export const rank = <C extends Scored>(scored: readonly C[]): C[] =>
  scored.toSorted((a, b) => comparable(b.meanDice) - comparable(a.meanDice));

// A Dice is at least 0, so -1 is below every number; -Infinity would make a NaN of the difference of two.
const comparable = (meanDice: number): number => (Number.isNaN(meanDice) ? -1 : meanDice);

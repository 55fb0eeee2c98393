import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import type { Summary } from '#core/evaluation/summary.ts';
import type { Rule } from './rule.ts';

/** Predictions of all cross-validation cases, wherever the caller keeps them, and how good they are. */
export interface Evaluated<P> {
  readonly predictions: P;
  readonly summary: Summary;
}

/** A rule that was tried, on what the rules accepted before it had left. */
export interface Trial {
  readonly rule: Rule;
  readonly summary: Summary;
  readonly accepted: boolean;
}

export interface Determination {
  /** The accepted rules, in the order in which they are to be applied. */
  readonly rules: readonly Rule[];
  readonly trials: readonly Trial[];
  readonly before: Summary;
  readonly after: Summary;
}

/**
 * Finds out on the cross-validation which components to remove.
 *
 * First the largest component of all foreground labels together: accepted if the foreground mean Dice rises and no
 * label's mean Dice falls. Then, if there is more than one label, each alone, in order, each on what is best so far:
 * accepted if that label's mean Dice rises. Only a strict rise counts, and a Dice that is not a number never rises.
 *
 * @param start the predictions to begin with, evaluated on every foreground label or region, in order.
 * @param attempt applies one rule to predictions and evaluates the result; must leave the given predictions as they are.
 * @see nnU-Net v2, postprocessing/remove_connected_components.py, determine_postprocessing
 */
export async function determinePostprocessing<P>(
  start: Evaluated<P>,
  attempt: (predictions: P, rule: Rule) => Promise<Evaluated<P>>,
): Promise<Determination> {
  const targets = start.summary.labels;
  const trials: Trial[] = [];
  let best = start;
  const tryOut = async (rule: Rule, accepts: (before: Summary, after: Summary) => boolean) => {
    const outcome = await attempt(best.predictions, rule);
    const accepted = accepts(best.summary, outcome.summary);
    trials.push({ rule, summary: outcome.summary, accepted });
    if (accepted) best = outcome;
  };
  await tryOut({ keepLargestOf: foregroundOf(targets) }, helpsOverall);
  if (targets.length > 1) {
    for (const [i, target] of targets.entries())
      await tryOut({ keepLargestOf: target }, (before, after) => diceOf(after, i) > diceOf(before, i));
  }
  const rules = trials.filter((trial) => trial.accepted).map((trial) => trial.rule);
  return { rules, trials, before: start.summary, after: best.summary };
}

/** Every label once, ascending, also where regions share some: the first rule works on labels even for regions. */
const foregroundOf = (targets: readonly LabelOrRegion[]): number[] =>
  [...new Set(targets.flatMap(labelsOf))].sort((a, b) => a - b);

const helpsOverall = (before: Summary, after: Summary): boolean =>
  after.foregroundMean.dice > before.foregroundMean.dice &&
  !after.mean.some((metrics, i) => metrics.dice < diceOf(before, i));

const diceOf = (summary: Summary, label: number): number => summary.mean[label]?.dice ?? Number.NaN;

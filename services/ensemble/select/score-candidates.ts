import type { LabelScheme } from '#core/dataset/labels.ts';
import { candidateName, type Ensemble } from '#core/ensembling/candidates.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { type EvaluatedCase, type Summary, summarize } from '#core/evaluation/summary.ts';
import { CaseVotes } from './case-votes.ts';
import type { CrossValidation } from './cross-validation.ts';

/** A candidate with its evaluation on the pooled cross-validation. */
export interface ScoredCandidate extends Ensemble {
  readonly meanDice: number;
  readonly summary: Summary;
}

/**
 * Scores every candidate on every validation case, case by case, so that memory does not grow with the cases.
 *
 * @param beforeCase is told how many cases are done; may throw to end early.
 * @returns one entry per candidate, in their order.
 */
export async function scoreCandidates(
  validation: CrossValidation,
  candidates: readonly Ensemble[],
  labels: LabelScheme,
  beforeCase: (done: number) => void,
): Promise<ScoredCandidate[]> {
  const evaluated = new Map<Ensemble, EvaluatedCase[]>(candidates.map((candidate) => [candidate, []]));
  for (const [done, validationCase] of validation.cases.entries()) {
    beforeCase(done);
    const votes = new CaseVotes(validation, validationCase, labels);
    const [reference] = await Promise.all([validation.reference(validationCase), votes.readFor(candidates)]);
    for (const [candidate, cases] of evaluated) {
      cases.push({
        predictionFile: `${candidateName(candidate)}/${validationCase.caseId}.nii.gz`,
        referenceFile: validationCase.label.path,
        metrics: evaluateCase(await votes.segmentation(candidate), reference.labels, labels.targets, labels.ignore),
      });
    }
  }
  return [...evaluated].map(([candidate, cases]) => {
    const summary = summarize(labels.targets, cases);
    return { ...candidate, meanDice: summary.foregroundMean.dice, summary };
  });
}

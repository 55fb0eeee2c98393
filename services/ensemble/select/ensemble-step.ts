import type { Candidate } from '#api/v1alpha1/kinds.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { candidateName, candidates } from '#core/ensembling/candidates.ts';
import { rank } from '#core/ensembling/rank.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { formatPostprocessing } from '#core/postprocessing/postprocessing-json.ts';
import { foldNames } from '#core/training/folds.ts';
import { encodeJson } from '#formats/indented-json.ts';
import type { Selection } from '#prediction/inference-json.ts';
import { ensembleOptionsSchema } from '#steps/options.ts';
import type { EnsembleResult } from '#steps/results.ts';
import type { StepContext, StepOutcome } from '#steps/step-context.ts';
import { choosePostprocessing } from './choose-postprocessing.ts';
import { CrossValidation } from './cross-validation.ts';
import { type ScoredCandidate, scoreCandidates } from './score-candidates.ts';

/**
 * Scores every configuration and every pair on the pooled cross-validation, takes the best, and finds its postprocessing.
 *
 * Quick beside the trainings, so it keeps no checkpoint: asked to stop, it yields and begins anew later.
 */
export async function ensembleStep(context: StepContext): Promise<StepOutcome> {
  return { kind: 'done', result: await select(context) };
}

async function select(context: StepContext): Promise<EnsembleResult> {
  const options = ensembleOptionsSchema.parse(context.description.identity.options);
  const validation = await CrossValidation.open(context, options.folds);
  const labels = labelScheme(validation.dataset);
  const total = 2 * validation.cases.length;
  const scored = await scoreCandidates(
    validation,
    candidates(options.configurations, options.voting),
    labels,
    (done) => {
      context.stop.signal.throwIfAborted();
      context.progress('scoring candidates', done, total);
    },
  );
  const ranking = rank(scored);
  const [winner] = ranking;
  if (winner === undefined) throw new RangeError('there is no configuration to choose from');
  context.log.info(
    { members: winner.members, voting: winner.voting, meanDice: winner.meanDice },
    'best candidate found',
  );

  context.progress('finding the postprocessing', validation.cases.length, total);
  const determination = await choosePostprocessing(validation, winner, labels, context.scratch, () =>
    context.stop.signal.throwIfAborted(),
  );
  const selection: Selection = {
    members: winner.members,
    voting: winner.voting,
    folds: foldNames(options.folds),
    postprocessing: determination.rules.map((rule) => rule.keepLargestOf),
    labels: validation.dataset.labels,
  };
  await context.output.write('inference.json', encodeJson(selection));
  await context.output.writeText('postprocessing.json', formatPostprocessing(determination));
  await writeScores(context, ranking);
  return {
    ranking: ranking.map(toCandidate),
    configurations: scored
      .filter(({ members }) => members.length === 1)
      .map(({ members, meanDice }) => ({ name: members.join(), meanDice: numberOrNull(meanDice) })),
  };
}

async function writeScores({ output }: StepContext, ranking: readonly ScoredCandidate[]): Promise<void> {
  await output.write('ranking.json', encodeJson(ranking.map(toCandidate)));
  for (const candidate of ranking)
    await output.writeText(`summaries/${candidateName(candidate)}.json`, formatSummary(candidate.summary));
}

const toCandidate = ({ members, voting, meanDice }: ScoredCandidate): Candidate => ({
  members,
  voting,
  meanDice: numberOrNull(meanDice),
});

/** JSON has no NaN. */
const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

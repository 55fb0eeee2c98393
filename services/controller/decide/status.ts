import type { ConfigurationStatus, TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { EnsembleResult } from '#steps/results.ts';
import { estimatedCompletion } from './completion.ts';
import { conditions } from './conditions.ts';
import { ensembleScores } from './ensemble-scores.ts';
import type { Limits } from './limits.ts';
import type { Observed } from './observed.ts';
import { doneShare, progressText } from './progress.ts';
import { type JudgedStep, type Verdict, verdictOn } from './verdict.ts';

/** The status of a Task as observed. Equal observations give equal statuses, whenever and however often they come. */
export function statusOf(observed: Observed, limits: Limits, now: Date): TaskStatus {
  const { task } = observed;
  const verdict = verdictOn(observed, limits, now);
  const scores = ensembleScores(verdict.steps);
  const best = scores?.ranking[0];
  const published = publishedUnder(observed, verdict);
  const before = task.status?.observedGeneration === task.metadata.generation ? task.status.progress : undefined;
  const retryHeard = task.metadata.retryRequestedAt ?? task.status?.lastRetryRequestedAt;
  const completion = estimatedCompletion(observed, verdict, now);
  return {
    observedGeneration: task.metadata.generation,
    conditions: conditions(observed, verdict, now),
    progress: progressText(doneShare(task.spec, verdict.steps), verdict.kind === 'succeeded', before),
    ...(completion === undefined ? {} : { estimatedCompletionTime: completion }),
    configurations: configurationRows(verdict.steps, scores),
    ...(observed.takenIn === null ? {} : { takenIn: observed.takenIn }),
    ...(retryHeard === undefined ? {} : { lastRetryRequestedAt: retryHeard }),
    ...(best === undefined
      ? {}
      : { best: { members: best.members, voting: best.voting, dice: threeDecimals(best.meanDice) } }),
    ...(published === undefined ? {} : { model: published }),
  };
}

function configurationRows(
  steps: readonly JudgedStep[],
  scores: EnsembleResult | undefined,
): readonly ConfigurationStatus[] {
  const rows = new Map<string, { folds: number; foldsDone: number }>();
  for (const { node, standing } of steps) {
    const name = node.configuration;
    if (node.kind !== 'train' || name === null) continue;
    const row = rows.get(name) ?? { folds: 0, foldsDone: 0 };
    rows.set(name, { folds: row.folds + 1, foldsDone: row.foldsDone + (standing.kind === 'done' ? 1 : 0) });
  }
  return [...rows].map(([name, row]) => {
    const meanDice = scores?.configurations.find((scored) => scored.name === name)?.meanDice ?? null;
    return { name, ...row, ...(meanDice === null ? {} : { meanDice: threeDecimals(meanDice) }) };
  });
}

/** The version that this Task made; kept when a later Model took the name. */
function publishedUnder({ task, model, steps }: Observed, verdict: Verdict): TaskStatus['model'] {
  if (verdict.kind !== 'succeeded') return undefined;
  const digest = steps.find(({ node }) => node.kind === 'publish')?.digest;
  if (model === null || model.spec.step !== digest) return task.status?.model;
  return { name: model.metadata.name, version: model.spec.version };
}

const threeDecimals = (dice: number | null): string => dice?.toFixed(3) ?? 'not a number';

import type { Candidate, Model, TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { CaseWarnings } from '#steps/results.ts';
import type { TaskSnapshot } from '../../controller/service.ts';

/** How a run ended. */
export interface Outcome {
  readonly snapshot: TaskSnapshot;
  readonly interrupted: boolean;
  /** Where the results of the Task's steps are shown. */
  readonly taskFolder: string;
  /** Folder of the published model, if it is this Task's. */
  readonly modelFolder: string | null;
  /** What was published under the model's name when the run began. */
  readonly modelBefore: Model | null;
  /** Logs of the attempts after which a step was given up. */
  readonly logs: readonly string[];
  /** How to name this home in the next command: ` --home DIR`, or nothing for the default. */
  readonly homeArgument: string;
}

/** 0 only when all that was asked for is done. */
export function exitCodeOf({ snapshot, interrupted }: Outcome): number {
  if (snapshot.goal === 'reached') return 0;
  return interrupted ? 130 : 1;
}

/** What `--json` prints. */
export function outcomeJson({ snapshot, interrupted, modelFolder }: Outcome): {
  task: string;
  outcome: string;
  status: TaskStatus | null;
  ranking: readonly Candidate[];
  model: string | null;
  warnings: CaseWarnings;
} {
  const outcome = interrupted && snapshot.verdict === 'working' ? 'interrupted' : snapshot.verdict;
  return {
    task: snapshot.task.metadata.name,
    outcome,
    status: snapshot.task.status ?? null,
    ranking: snapshot.ranking,
    model: modelFolder,
    warnings: snapshot.warnings,
  };
}

/** What a person reads at the end. */
export const outcomeText = (outcome: Outcome): string => warningsText(outcome.snapshot.warnings) + endText(outcome);

/** One line a case that is odd; nothing when none is. */
export function warningsText({ total, first }: CaseWarnings): string {
  const lines = first.map(({ caseId, message }) => `warning: case ${caseId}: ${message}`);
  if (total > first.length) lines.push(`warning: and ${total - first.length} more`);
  return lines.map((line) => `${line}\n`).join('');
}

function endText(outcome: Outcome): string {
  switch (outcome.snapshot.verdict) {
    case 'succeeded':
      return successText(outcome);
    case 'failed':
      return failureText(outcome);
    case 'suspended':
      return 'The Task is suspended. Set spec.suspend to false and run the same command again to go on.\n';
    case 'working':
      return 'Stopped. Run the same command again to go on from here.\n';
  }
}

function successText(outcome: Outcome): string {
  const { snapshot, homeArgument } = outcome;
  const { status, metadata, spec } = snapshot.task;
  const score = spec.folds === 'all' ? 'Mean Dice, on the cases trained on,' : 'Cross-validated mean Dice';
  const ranking = snapshot.ranking.map((candidate, i) => `${String(i + 1).padStart(4)}  ${candidateText(candidate)}`);
  const model = status?.model;
  const next =
    model === undefined
      ? []
      : [`Next: bin/pentafold predict -i INPUT_DIR -o OUTPUT_DIR -m ${model.name}${homeArgument}`];
  const lines = [
    `Task ${metadata.name} succeeded. ${score} of every candidate:`,
    ...ranking,
    ...publishedLines(outcome),
    ...next,
  ];
  return `${lines.join('\n')}\n`;
}

/** Which model there is now, and which one it took the place of, be that better or worse. */
function publishedLines({ snapshot, modelFolder, modelBefore }: Outcome): string[] {
  const { model } = snapshot.task.status ?? {};
  if (model === undefined) return [];
  const folder = modelFolder ?? 'replaced since by another Task';
  const [best] = snapshot.ranking;
  if (modelBefore === null || modelBefore.spec.version >= model.version || best === undefined)
    return [`Model ${model.name}, version ${model.version}: ${folder}`];
  const { version, best: bestBefore } = modelBefore.spec;
  const isWorse = (bestBefore.meanDice ?? 0) > (best.meanDice ?? 0);
  return [
    `Model ${model.name} is now version ${model.version} (${briefly(best)}): ${folder}`,
    `  version ${version} was ${briefly(bestBefore)}${isWorse ? ', which scored higher' : ''}`,
  ];
}

/** `2d + 3d_fullres (soft voting)`; the voting only where there is one. */
const candidateName = ({ members, voting }: Candidate): string =>
  members.length > 1 ? `${members.join(' + ')} (${voting} voting)` : members.join();

const scoreText = ({ meanDice }: Candidate): string => meanDice?.toFixed(3) ?? 'not a number';

const candidateText = (candidate: Candidate): string =>
  `${candidateName(candidate).padEnd(36)}  ${scoreText(candidate)}`;

const briefly = (candidate: Candidate): string => `${candidateName(candidate)}, ${scoreText(candidate)}`;

function failureText({ snapshot, logs }: Outcome): string {
  const failed = snapshot.task.status?.conditions.find(({ type }) => type === 'Failed');
  const lines = [
    `error: Task ${snapshot.task.metadata.name} failed (${failed?.reason}): ${failed?.message}`,
    ...logs.map((path) => `  log: ${path}`),
    '  what the reasons mean: docs/errors.md. When it is mended, run the same command again.',
  ];
  return `${lines.join('\n')}\n`;
}

import type { StepNode } from '#steps/unfold.ts';

/** Work a second of one attempt, in the unit of a step's weight, by kind of work; see `workOf`. */
export type Speeds = ReadonlyMap<string, number>;

/** What takes the same time per weight: `train 2d`, `ensemble`. */
export const workOf = ({ kind, configuration }: Pick<StepNode, 'kind' | 'configuration'>): string =>
  configuration === null ? kind : `${kind} ${configuration}`;

/** What is looked at of an attempt. */
interface PacedAttempt {
  readonly run: { readonly kind: string };
  readonly pace: number | null;
}

/** Speeds as measured by the attempts that run, over those known from before. */
export function measuredSpeeds(
  before: Speeds,
  steps: readonly { readonly node: StepNode; readonly attempts: readonly PacedAttempt[] }[],
): Speeds {
  const measured = steps.flatMap(({ node, attempts }) =>
    attempts.flatMap(({ run, pace }) =>
      run.kind === 'running' && pace !== null ? [{ work: workOf(node), speed: node.weight * pace }] : [],
    ),
  );
  const speeds = new Map(before);
  for (const [work, all] of Map.groupBy(measured, ({ work }) => work)) {
    speeds.set(work, mean(all.map(({ speed }) => speed)));
  }
  return speeds;
}

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

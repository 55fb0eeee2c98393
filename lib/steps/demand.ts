// How much of a machine a step needs: only good enough to be scheduled by. A Task's own `spec.workers.resources` go
// before it. The factors were guessed from what each step holds at a time, and may be tuned.

import type { Demand } from '#platform/runner/step-runner.ts';
import type { PlanResult } from './results.ts';
import type { StepNode } from './unfold.ts';

const GIB = 2 ** 30;

/** Node.js, the engine's libraries and what is read ahead. */
const PROGRAM_BYTES = 1 * GIB;

/** Before the plan nobody knows how large the cases are. */
const UNPLANNED_BYTES = 2 * GIB;

/** Logits on the network's grid, the same on the image's, probabilities, and what is written of them. */
const COPIES_OF_A_CASE = 4;

/** @param planned `null` before the plan is made. */
export function demandOf(
  { kind, configuration }: Pick<StepNode, 'kind' | 'configuration'>,
  planned: PlanResult | null,
): Demand {
  const caseBytes = planned === null ? UNPLANNED_BYTES : COPIES_OF_A_CASE * planned.caseBytes;
  const trained = kind === 'train' ? planned?.configurations.find(({ name }) => name === configuration) : undefined;
  return { memoryBytes: PROGRAM_BYTES + caseBytes, trainingBytes: trained?.trainingBytes ?? null };
}

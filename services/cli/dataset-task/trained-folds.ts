import { BadInputError } from '#core/errors.ts';
import type { StepSnapshot } from '../../controller/service.ts';

/** Thrown when trainings are asked for whose folds were not all trained yet. */
export class FoldsMissingError extends BadInputError {
  readonly code = 'FOLDS_MISSING';

  constructor(missing: readonly string[], advice: string) {
    super(`not trained yet: ${missing.join(', ')}; ${advice}`);
  }
}

/** With the digest by which its outputs are found. */
export type DoneStep = StepSnapshot & { readonly step: string };

const isDone = (step: StepSnapshot): step is DoneStep => step.state === 'done' && step.step !== null;

/** The only step of its kind. @throws {RangeError} when it is not done. */
export function doneStep(steps: readonly StepSnapshot[], kind: 'ingest' | 'plan'): DoneStep {
  const step = steps.filter(isDone).find((step) => step.kind === kind);
  if (step === undefined) throw new RangeError(`expected step ${kind} to be done`);
  return step;
}

/** @param advice what to do about those that are missing. @throws {FoldsMissingError} naming them. */
export function requireTrained(trainings: readonly StepSnapshot[], advice: string): DoneStep[] {
  const missing = trainings.filter((training) => !isDone(training));
  if (missing.length > 0)
    throw new FoldsMissingError(
      missing.map(({ title }) => title),
      advice,
    );
  return trainings.filter(isDone);
}

import { PentafoldError } from '#core/errors.ts';
import { ALGORITHM_VERSIONS, type StepIdentity } from './step.ts';

/** Thrown when a step is of another algorithm version than this program carries out: its result would be mislabelled. */
export class AlgorithmMismatchError extends PentafoldError {
  readonly code = 'ALGORITHM_MISMATCH';

  constructor({ kind, algorithmVersion }: StepIdentity) {
    super(
      `the ${kind} step is of algorithm version ${algorithmVersion}, this program carries out ${ALGORITHM_VERSIONS[kind]}; ` +
        'use the image of the controller’s version',
    );
  }
}

/** @throws {AlgorithmMismatchError} unless this program carries out just this version of the step's kind. */
export function requireSameAlgorithm(identity: StepIdentity): void {
  if (identity.algorithmVersion !== ALGORITHM_VERSIONS[identity.kind]) throw new AlgorithmMismatchError(identity);
}

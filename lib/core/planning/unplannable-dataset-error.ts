import { BadInputError } from '#core/errors.ts';

/** A data set or a memory target for which no network can be planned. */
export class UnplannableDatasetError extends BadInputError {
  readonly code = 'DATASET_UNPLANNABLE';
}

import { tryObjectAddress } from '#platform/objects/object-address.ts';
import type { S3Address, S3Rights } from '#platform/objects/s3-rights.ts';
import type { StepDescription } from './step.ts';
import { attemptPrefix, begunPrefix, manifestKey } from './step-keys.ts';

/**
 * What an attempt at a step needs of the store: to read all results, its Task's data set, and the weights that it starts
 * from; to write below its own prefix, to mark that it began, and to make the step done.
 *
 * Nothing of another attempt can it change, an earlier or a later one, and of another step nothing at all.
 *
 * @param objects where all results are.
 */
export function attemptRights(
  objects: S3Address,
  step: string,
  attempt: number,
  { datasetUri, pretrainedWeightsUri }: Pick<StepDescription, 'datasetUri' | 'pretrainedWeightsUri'>,
): S3Rights {
  const outside = [datasetUri, pretrainedWeightsUri].flatMap((uri) => {
    const address = uri === null ? undefined : tryObjectAddress(uri);
    return address?.kind === 's3' ? [address] : [];
  });
  const named = (key: string) => ({ bucket: objects.bucket, name: objects.prefix + key });
  return {
    read: [objects, ...outside],
    write: [{ ...objects, prefix: objects.prefix + attemptPrefix(step, attempt) }],
    put: [named(manifestKey(step)), named(`${begunPrefix(step)}${attempt}`)],
  };
}

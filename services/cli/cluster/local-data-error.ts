import type { TaskManifest } from '#api/v1alpha1/kinds.ts';
import { BadInputError } from '#core/errors.ts';

/** Thrown for a Task whose data lies where the pods of a cluster cannot see it. */
export class LocalDataError extends BadInputError {
  readonly code = 'DATA_NOT_SHARED';
}

/** @throws {LocalDataError} for data that is not in an object store. */
export function requireSharedData(
  { spec: { dataset, training } }: Pick<TaskManifest, 'spec'>,
  isInStore: (uri: string) => boolean,
): void {
  const uris: readonly (readonly [field: string, uri: string])[] = [
    ['spec.dataset.uri', dataset.uri],
    ...Object.entries(training.pretrainedWeights).map(
      ([configuration, uri]) => [`spec.training.pretrainedWeights.${configuration}`, uri] as const,
    ),
  ];
  for (const [field, uri] of uris) {
    if (isInStore(uri)) continue;
    throw new LocalDataError(
      `${field}: '${uri}' is no address in an object store, as s3://bucket/prefix is, and pods cannot see the folders ` +
        'of this machine; copy it to a bucket, whose name has only a-z, 0-9, dots and dashes',
    );
  }
}

// Raw files of a data set, by the digests that ingest took of them.

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { BadInputError } from '#core/errors.ts';
import type { LabelMap } from '#core/geometry/volume.ts';
import { type RawCase, readCase } from '#datasets/read-case.ts';
import { sha256 } from '#formats/digest.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { SourceCase } from '#steps/cases.ts';

/** Thrown when what a Task takes in from outside is no longer what the step was made for. Run again, it takes that in. */
export class SourceChangedError extends BadInputError {
  readonly code = 'SOURCE_CHANGED';

  /** @param what changed: `the data set`, `the pretrained weights`, or a file of a case, named by the case alone. */
  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what} changed or went away while the Task was running; put it back as it was, or run the Task again to go ` +
        'on with what is there now',
      options,
    );
  }
}

/** A labelled case as ingest verified it. */
export interface SourceVolumes extends RawCase {
  readonly label: LabelMap<'zyx'>;
}

/** Reads a case. @throws {SourceChangedError} for a file that is gone or has other contents than at ingest. */
export async function readSource(
  raw: Pick<ObjectStore, 'get'>,
  source: SourceCase,
  dataset: DatasetDescription,
): Promise<SourceVolumes> {
  const files = { caseId: source.caseId, images: source.images.map(({ path }) => path), label: source.label.path };
  const read = await readCase(verified(raw, source), files, dataset);
  if (read.label === null) throw new RangeError(`case ${source.caseId} was read without its label`);
  return { ...read, label: read.label };
}

function verified(raw: Pick<ObjectStore, 'get'>, source: SourceCase): Pick<ObjectStore, 'get'> {
  const files = [...source.images, source.label, ...(source.sidecars ?? [])];
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  return {
    async get(path) {
      const bytes = await raw.get(path);
      // A file that may lie beside an image, and neither did nor does.
      if (bytes === undefined && !digests.has(path)) return undefined;
      if (bytes !== undefined && sha256(bytes) === digests.get(path)) return bytes;
      throw new SourceChangedError(`a file of case ${source.caseId}`);
    },
  };
}

import { inParallel } from '#core/in-parallel.ts';
import { digestOf } from '#formats/digest.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';

/**
 * The state of a data set: a digest of its listing, that is the path, size and time of change of every file.
 *
 * Cheap, so that it can be asked at every start; a file that changed in content but in none of these is not noticed
 * here, but fails by its digest when a step reads it.
 */
export async function datasetRevision(dataset: ObjectStore): Promise<string> {
  const listing = await inParallel(await dataset.list(''), async (path) => {
    const file = await dataset.head(path);
    // Gone since it was listed: then it is not part of this state.
    return file === undefined ? [] : [[path, file.bytes, file.modified.getTime()]];
  });
  return digestOf(listing.flat());
}

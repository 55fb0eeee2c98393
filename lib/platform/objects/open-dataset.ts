import { BadInputError } from '#core/errors.ts';
import { OBJECT_ADDRESSES, type ObjectAddress, tryObjectAddress } from './object-address.ts';
import type { ObjectStore } from './object-store.ts';
import { type ObjectSettings, openObjects } from './open-objects.ts';

/** Thrown for a URI that leads to no objects that this program could read. */
export class UnreachableAddressError extends BadInputError {
  readonly code = 'ADDRESS_UNREACHABLE';

  constructor(uri: string, reason: string) {
    super(`'${uri}' cannot be read: ${reason}`);
  }
}

/**
 * Opens what the URI of a data set, or of weights to start from, names. Folders are of one machine: they are read only
 * where results are in a folder too, so that on a cluster nobody reads a pod's own files by a Task.
 *
 * @param results where they are kept.
 * @returns a function that throws {UnreachableAddressError} when there can be nothing.
 */
export const datasetOpener =
  (settings: ObjectSettings, results: ObjectAddress) =>
  (uri: string): ObjectStore => {
    const address = tryObjectAddress(uri);
    if (address === undefined) throw new UnreachableAddressError(uri, `expected ${OBJECT_ADDRESSES}`);
    if (address.kind === 'folder' && results.kind === 's3')
      throw new UnreachableAddressError(
        uri,
        'it is a folder of one machine, which pods do not see; put the data into the store and give s3://bucket/prefix',
      );
    if (address.kind === 's3' && settings.s3 === null)
      throw new UnreachableAddressError(
        uri,
        'no S3 store is known here; set S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY',
      );
    return openObjects(address, settings);
  };

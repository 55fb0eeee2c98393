import type { Clock } from '../clock/clock.ts';
import { DirectoryObjectStore } from './directory-object-store.ts';
import type { ObjectAddress } from './object-address.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Config } from './s3-config.ts';
import { type CredentialSource, fixedCredentials } from './s3-credentials.ts';
import { S3ObjectStore } from './s3-object-store.ts';

/** What stores are opened with, of whichever kind they are. */
export interface ObjectSettings {
  /** Where `s3:` addresses lead; `null`: nowhere. */
  readonly s3: S3Config | null;
  /** Whence the credentials come where `s3` has none; else `null`. */
  readonly handedOver: CredentialSource | null;
  /** For how long a store that is away is asked again. */
  readonly patienceSeconds: number;
  readonly clock: Clock;
}

/** An object of more bytes is sent in parts: one that is lost is sent again alone. */
export const PART_BYTES = 16 * 2 ** 20;

/** Also for the slowest line that is of any use: a part in ten minutes. */
const REQUEST_TIMEOUT_MS = 600_000;

/**
 * The store that an address names. Nothing is made or reached before it is used.
 *
 * @throws {RangeError} for a bucket when no S3 store is known.
 */
export function openObjects(address: ObjectAddress, settings: ObjectSettings): ObjectStore {
  if (address.kind === 'folder') return new DirectoryObjectStore(address.folder);
  const { bucket, prefix } = address;
  const { s3, handedOver, patienceSeconds, clock } = settings;
  if (s3 === null)
    throw new RangeError(`s3://${bucket}/${prefix} is in an S3 store, and S3_ENDPOINT does not say which`);
  const credentials = s3.keys === null ? handedOver : fixedCredentials(s3.keys);
  if (credentials === null) throw new RangeError('S3_CREDENTIALS_FROM names a controller, and there is none here');
  return new S3ObjectStore({
    endpoint: s3.endpoint,
    region: s3.region,
    credentials,
    bucket,
    prefix,
    retry: { firstPauseMs: 200, longestPauseMs: 10_000, forMs: 1000 * patienceSeconds, clock, random: Math.random },
    timeoutMs: REQUEST_TIMEOUT_MS,
    partBytes: PART_BYTES,
  });
}

import { Client } from 'minio';
import type { Clock } from '../clock/clock.ts';
import { DirectoryObjectStore } from './directory-object-store.ts';
import type { ObjectAddress } from './object-address.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Config } from './s3-config.ts';
import { S3ObjectStore } from './s3-object-store.ts';

/** What stores are opened with, of whichever kind they are. */
export interface ObjectSettings {
  /** Where `s3:` addresses lead; `null`: nowhere. */
  readonly s3: S3Config | null;
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
export function openObjects(address: ObjectAddress, { s3, patienceSeconds, clock }: ObjectSettings): ObjectStore {
  if (address.kind === 'folder') return new DirectoryObjectStore(address.folder);
  const { bucket, prefix } = address;
  if (s3 === null)
    throw new RangeError(`s3://${bucket}/${prefix} is in an S3 store, and S3_ENDPOINT does not say which`);
  return new S3ObjectStore({
    client: clientOf(s3),
    bucket,
    prefix,
    place: `${s3.endpoint.origin}/${bucket}`,
    retry: { firstPauseMs: 200, longestPauseMs: 10_000, forMs: 1000 * patienceSeconds, clock, random: Math.random },
    timeoutMs: REQUEST_TIMEOUT_MS,
    partBytes: PART_BYTES,
  });
}

function clientOf({ endpoint, region, accessKey, secretKey }: S3Config): Client {
  const useSSL = endpoint.protocol === 'https:';
  return new Client({
    endPoint: endpoint.hostname,
    port: Number(endpoint.port || (useSSL ? 443 : 80)),
    useSSL,
    region,
    accessKey,
    secretKey,
    // Ours knows when trying again helps.
    retryOptions: { disableRetry: true },
  });
}

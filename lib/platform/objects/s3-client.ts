import { Client } from 'minio';
import type { S3Credentials } from './s3-credentials.ts';

/** Where an S3 store is. */
export interface S3Place {
  /** `http:` or `https:`, without a path: buckets are in the path of a request. */
  readonly endpoint: URL;
  /** That requests are signed for. Known, so that signing asks nobody. */
  readonly region: string;
}

/** The library's client: signs, and begins and ends multipart uploads. */
export function s3Client({ endpoint, region }: S3Place, { accessKey, secretKey, sessionToken }: S3Credentials): Client {
  const useSSL = endpoint.protocol === 'https:';
  return new Client({
    endPoint: endpoint.hostname,
    port: Number(endpoint.port || (useSSL ? 443 : 80)),
    useSSL,
    region,
    accessKey,
    secretKey,
    ...(sessionToken === null ? {} : { sessionToken }),
    // Ours knows when trying again helps.
    retryOptions: { disableRetry: true },
  });
}

import { createHash } from 'node:crypto';
import type { Client } from 'minio';
import { inParallel } from '#core/in-parallel.ts';
import { checkKey, checkPrefix, isKey } from './object-key.ts';
import type { ObjectStore } from './object-store.ts';
import { type RetryPolicy, withRetries } from './retry.ts';
import { type S3Place, s3Client } from './s3-client.ts';
import type { CredentialSource, S3Credentials } from './s3-credentials.ts';
import { type ListPage, parseListPage } from './s3-list-page.ts';
import { type S3Request, type S3Response, StoreRefusedError, StoreUnreachableError, sendToS3 } from './s3-request.ts';
import { completionOf, parseUploadId } from './s3-upload.ts';
import { StoreTime } from './store-time.ts';

export interface S3ObjectStoreOptions extends S3Place {
  readonly credentials: CredentialSource;
  readonly bucket: string;
  /** Before every key: empty, or ending in a slash. */
  readonly prefix: string;
  readonly retry: Omit<RetryPolicy, 'isTransient'>;
  /** How long one request may take, its body included. */
  readonly timeoutMs: number;
  /** An object of more bytes is sent in parts of this size; at least 5 MiB, as S3 wants it. */
  readonly partBytes: number;
}

/** As whom a request is made. */
interface Identity {
  readonly credentials: S3Credentials;
  readonly client: Client;
}

/** A request with the whole name of its object, before it is signed. */
interface Unsigned extends Pick<S3Request, 'method' | 'headers' | 'body'> {
  /** Empty for a request about the bucket. */
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A signed URL is used at once. */
const SIGNED_FOR_SECONDS = 3600;

/**
 * Objects in a bucket of an S3 store.
 *
 * Every request is tried again while the store is away, so long as the retry policy allows. A body is sent with its MD5,
 * which the store compares, and counts as read only in its whole length; what the bytes should be their reader knows by
 * digest.
 */
export class S3ObjectStore implements ObjectStore {
  readonly #options: S3ObjectStoreOptions;
  /** For messages: `https://host/bucket`. */
  readonly #place: string;
  readonly #time: StoreTime;
  #identity: Identity | null = null;

  constructor(options: S3ObjectStoreOptions) {
    this.#options = options;
    this.#place = `${options.endpoint.origin}/${options.bucket}`;
    this.#time = new StoreTime(options.retry.clock);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#options.partBytes) return this.#putInParts(key, bytes);
    await this.#send('PUT', key, [200], { body: bytes });
  }

  /**
   * A try whose answer was lost may have succeeded: when a later one finds the key taken by these very bytes, they are
   * taken for its own.
   */
  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const headers = { 'if-none-match': '*' };
    return this.#withRetries(async (failures) => {
      const { status } = await this.#sendOnce('PUT', key, [200, 409, 412], { body: bytes, headers });
      // 409: another one is being written at this moment; who is first will be seen.
      if (status === 409)
        throw new StoreUnreachableError({ place: this.#place, reason: 'a conditional put met another one' });
      if (status === 200) return true;
      const standing = failures === 0 ? undefined : await this.get(key);
      return standing !== undefined && Buffer.compare(standing, bytes) === 0;
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const { status, body } = await this.#send('GET', key, [200, 404]);
    return status === 404 ? undefined : body;
  }

  async head(key: string): Promise<{ readonly bytes: number; readonly modified: Date } | undefined> {
    const { status, headers } = await this.#send('HEAD', key, [200, 404]);
    if (status === 404) return undefined;
    return {
      bytes: Number(headers.get('content-length')),
      modified: new Date(headers.get('last-modified') ?? Number.NaN),
    };
  }

  async list(prefix: string): Promise<string[]> {
    checkPrefix(prefix);
    const { prefix: ours } = this.#options;
    const keys: string[] = [];
    for (let from: string | null = ''; from !== null; ) {
      const page = await this.#withRetries(() => this.#page(ours + prefix, from ?? ''));
      keys.push(...page.keys.map((key) => key.slice(ours.length)));
      from = page.next;
    }
    // Some consoles make objects that stand for folders.
    return keys.filter(isKey).sort();
  }

  async delete(key: string): Promise<void> {
    await this.#send('DELETE', key, [200, 204, 404]);
  }

  async #page(prefix: string, continuation: string): Promise<ListPage> {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      prefix,
      ...(continuation === '' ? {} : { 'continuation-token': continuation }),
    };
    const { body } = await this.#signedAndSent({ method: 'GET', name: '', query }, [200]);
    return parseListPage(textOf({ body }));
  }

  /** The object is there once the last request has been answered, and whole. */
  async #putInParts(key: string, bytes: Uint8Array): Promise<void> {
    const { partBytes } = this.#options;
    const begun = await this.#send('POST', key, [200], {}, { uploads: '' });
    const uploadId = parseUploadId(textOf(begun));
    const numbers = Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, i) => i + 1);
    try {
      const etags = await inParallel(numbers, async (part) => {
        const body = bytes.subarray((part - 1) * partBytes, part * partBytes);
        const { headers } = await this.#send('PUT', key, [200], { body }, { uploadId, partNumber: String(part) });
        return headers.get('etag') ?? '';
      });
      await this.#complete(key, uploadId, etags);
    } catch (error) {
      // What cannot be taken back costs room until the store's own rule for such uploads removes it.
      await this.#send('DELETE', key, [204, 404], {}, { uploadId }).catch(() => {});
      throw error;
    }
  }

  /** A store begins to answer before it knows how this ends, and may tell of a failure under status 200. */
  async #complete(key: string, uploadId: string, etags: readonly string[]): Promise<void> {
    const body = new TextEncoder().encode(completionOf(etags));
    await this.#withRetries(async () => {
      const answer = textOf(await this.#sendOnce('POST', key, [200], { body }, { uploadId }));
      if (answer.includes('<Error>'))
        throw new StoreUnreachableError({
          place: this.#place,
          reason: 'it could not put the parts of an object together',
        });
    });
  }

  #send(
    method: S3Request['method'],
    key: string,
    expected: readonly number[],
    parts: Pick<S3Request, 'body' | 'headers'> = {},
    query: Readonly<Record<string, string>> = {},
  ): Promise<S3Response> {
    return this.#withRetries(() => this.#sendOnce(method, key, expected, parts, query));
  }

  async #sendOnce(
    method: S3Request['method'],
    key: string,
    expected: readonly number[],
    { body, headers }: Pick<S3Request, 'body' | 'headers'> = {},
    query: Readonly<Record<string, string>> = {},
  ): Promise<S3Response> {
    checkKey(key);
    const all = { ...headers, ...(body === undefined ? {} : { 'content-md5': md5(body) }) };
    const request = { method, name: this.#options.prefix + key, query, headers: all };
    return this.#signedAndSent({ ...request, ...(body === undefined ? {} : { body }) }, expected);
  }

  /** @param request with the whole name of the object, or none for a request about the bucket. */
  async #signedAndSent({ name, query, ...request }: Unsigned, expected: readonly number[]): Promise<S3Response> {
    const { bucket, timeoutMs } = this.#options;
    const { client, credentials } = await this.#as();
    const time = this.#time;
    const signedAt = time.now();
    const url = await client.presignedUrl(request.method, bucket, name, SIGNED_FOR_SECONDS, query, signedAt);
    try {
      return await sendToS3({ ...request, url, place: this.#place, timeoutMs, time, signedAt }, expected);
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error;
      if (!this.#options.credentials.refused(credentials, error.s3Code)) throw error;
      throw new StoreUnreachableError({ place: this.#place, reason: 'the credentials have ended' }, { cause: error });
    }
  }

  async #as(): Promise<Identity> {
    const credentials = await this.#options.credentials.current();
    if (this.#identity?.credentials !== credentials)
      this.#identity = { credentials, client: s3Client(this.#options, credentials) };
    return this.#identity;
  }

  #withRetries<T>(attempt: (failures: number) => Promise<T>): Promise<T> {
    const isTransient = (error: unknown) => error instanceof StoreUnreachableError;
    return withRetries({ ...this.#options.retry, isTransient }, attempt);
  }
}

const textOf = ({ body }: Pick<S3Response, 'body'>): string => new TextDecoder().decode(body);

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');

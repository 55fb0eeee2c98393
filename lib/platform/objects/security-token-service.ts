// Temporary credentials by `AssumeRole`, as AWS, Ceph and MinIO give them. The client library signs; sending is ours, since
// it knows no timeouts and takes any answer for a good one.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { XMLParser } from 'fast-xml-parser';
import { AssumeRoleProvider } from 'minio/dist/esm/AssumeRoleProvider.mjs';
import * as z from 'zod';
import { PentafoldError } from '#core/errors.ts';
import type { Clock } from '../clock/clock.ts';
import type { TemporaryCredentials } from './handed-over-credentials.ts';
import { policyOf, type S3Rights } from './s3-rights.ts';

/** Thrown when a security token service gives no credentials. */
export class NoTemporaryCredentialsError extends PentafoldError {
  readonly code = 'STORE_CREDENTIALS_REFUSED';
  /** Whether asking again may help. */
  readonly mayPass: boolean;

  constructor(endpoint: URL, reason: string, mayPass: boolean, options?: ErrorOptions) {
    super(`S3_STS_ENDPOINT ${endpoint.origin} gave no temporary credentials: ${reason}`, options);
    this.mayPass = mayPass;
  }
}

export interface SecurityTokenServiceOptions {
  /** `http:` or `https:`, without a path. */
  readonly endpoint: URL;
  readonly region: string;
  /** Of a user; those of a role or of a service account open no session. */
  readonly keys: { readonly accessKey: string; readonly secretKey: string };
  /** The role that the credentials are of; empty where the store has no roles, and they are of the user. */
  readonly roleArn: string;
  /** How long credentials are good: from 900, which stores take for the least, to 3600, which AWS gives any role. */
  readonly validSeconds: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Gives credentials that are good for some rights and some time. */
export class SecurityTokenService {
  readonly #options: SecurityTokenServiceOptions;

  constructor(options: SecurityTokenServiceOptions) {
    this.#options = options;
  }

  get validSeconds(): number {
    return this.#options.validSeconds;
  }

  /**
   * Credentials for these rights, as far as the user or the role has them.
   *
   * @param session for the store's own records: up to 64 letters, digits, `=`, `,`, `.`, `@` and `-`.
   * @throws {NoTemporaryCredentialsError}
   */
  async issue(session: string, rights: S3Rights): Promise<TemporaryCredentials> {
    const { endpoint, clock } = this.#options;
    const askedMs = clock.now().getTime();
    const { status, body } = await this.#ask(session, policyOf(rights));
    if (status !== 200)
      throw new NoTemporaryCredentialsError(endpoint, `${status} ${codeIn(body)}`.trim(), status >= 500);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = this.#read(body);
    const validSeconds = Math.floor((Date.parse(Expiration) - askedMs) / 1000);
    return { accessKey: AccessKeyId, secretKey: SecretAccessKey, sessionToken: SessionToken, validSeconds };
  }

  async #ask(session: string, policy: string): Promise<{ readonly status: number; readonly body: string }> {
    const { endpoint, region, keys, roleArn, validSeconds, timeoutMs } = this.#options;
    const asking = new AssumeRoleProvider({
      stsEndpoint: endpoint.href,
      ...keys,
      region,
      policy,
      durationSeconds: validSeconds,
      roleSessionName: session,
      ...(roleArn === '' ? {} : { roleArn }),
    });
    const { requestOptions, requestData } = asking.getRequestConfig();
    const send = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const failed = (cause: Error) =>
        reject(new NoTemporaryCredentialsError(endpoint, cause.message, true, { cause }));
      const sent = send({ ...requestOptions, signal: AbortSignal.timeout(timeoutMs) }, async (response) => {
        try {
          resolve({ status: response.statusCode ?? 0, body: await textOf(response) });
        } catch (error) {
          failed(error as Error);
        }
      });
      sent.on('error', failed);
      sent.end(requestData);
    });
  }

  #read(body: string): z.infer<typeof credentials> {
    const read = answer.safeParse(parser.parse(body));
    // Without a cause: it would quote what was answered.
    if (!read.success)
      throw new NoTemporaryCredentialsError(this.#options.endpoint, 'the answer is none to AssumeRole', false);
    return read.data.AssumeRoleResponse.AssumeRoleResult.Credentials;
  }
}

/** Credentials take two; whatever answers with more is no such service, or means harm. */
const LONGEST_ANSWER_KIB = 64;

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER_KIB * 1024) throw new RangeError(`the answer is longer than ${LONGEST_ANSWER_KIB} KiB`);
  }
  return Buffer.concat(chunks).toString();
}

const credentials = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  SessionToken: z.string().min(1),
  Expiration: z.iso.datetime(),
});
const answer = z.object({
  AssumeRoleResponse: z.object({ AssumeRoleResult: z.object({ Credentials: credentials }) }),
});

// Everything stays text: a key may look like a number.
const parser = new XMLParser({ parseTagValue: false });

/** `AccessDenied` and the like. */
const codeIn = (body: string): string => /<Code>([^<]{1,100})<\/Code>/.exec(body)?.[1] ?? '';

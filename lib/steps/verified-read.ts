// Every read of a stored object goes through here: bytes are compared with their digest, JSON with its schema.

import type * as z from 'zod';
import { sha256 } from '#formats/digest.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import type { Output } from './manifest.ts';

/** The bytes of `key`. @throws {CorruptObjectError} unless they have the size and digest of `expected`. */
export async function readVerified(objects: ObjectStore, key: string, expected: Output): Promise<Uint8Array> {
  const bytes = await objects.get(key);
  if (bytes === undefined) throw new CorruptObjectError(key, `${expected.bytes} bytes`, 'no object');
  if (bytes.length !== expected.bytes) {
    throw new CorruptObjectError(key, `${expected.bytes} bytes`, `${bytes.length} bytes`);
  }
  const digest = sha256(bytes);
  if (digest !== expected.sha256) throw new CorruptObjectError(key, `SHA-256 ${expected.sha256}`, digest);
  return bytes;
}

/** The JSON at `key`, or `undefined` when absent. @throws {CorruptObjectError} when it does not fit the schema. */
export async function readJson<T>(objects: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await objects.get(key);
  if (bytes === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(key, bytes));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new CorruptObjectError(key, 'the fields that this version writes', problems.join(', '), {
    cause: parsed.error,
  });
}

function parseJson(key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    // biome-ignore lint/style/useErrorCause: it is passed, as the fourth argument
    throw new CorruptObjectError(key, 'JSON', `${bytes.length} bytes that are not`, { cause: error });
  }
}

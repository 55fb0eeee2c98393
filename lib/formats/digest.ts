import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 of bytes, lower-case hex. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256, lower-case hex, of a value's canonical JSON. Equal values have equal digests whatever their key order. */
export const digestOf = (value: unknown): string => sha256(new TextEncoder().encode(canonicalJson(value)));

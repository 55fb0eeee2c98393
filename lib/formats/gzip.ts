import { gunzipSync, gzipSync } from 'node:zlib';
import { TruncatedFileError } from './truncated-file-error.ts';

/** True for bytes that start as a gzip stream does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Compressed bytes, without file name or time: equal input gives equal output. */
export const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes);

/**
 * The bytes that were compressed.
 *
 * @throws {TruncatedFileError} when the stream ends early or its checksum does not fit.
 */
export function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    const early = cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR';
    const what = early ? 'the gzip stream ends early' : 'the gzip stream is damaged';
    throw new TruncatedFileError(`${what} (${bytes.byteLength} bytes); copy the file again`, { cause });
  }
}

import { kMaxLength } from 'node:buffer';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { TruncatedFileError } from './truncated-file-error.ts';

/** True for bytes that start as a gzip stream does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Compressed bytes, without file name or time: equal input gives equal output. */
export const gzip = (bytes: Uint8Array): Uint8Array => gzipSync(bytes);

/**
 * The bytes that were compressed.
 *
 * @param most refuses to unpack more than this many bytes: a small file can unpack to more than fits into memory.
 * @throws {TruncatedFileError} when the stream ends early or its checksum does not fit.
 * @throws {RangeError} when there is more than `most`.
 */
export function gunzip(bytes: Uint8Array, most = kMaxLength): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new RangeError(`the gzip stream holds more than ${most} bytes`, { cause });
    const what = code === 'Z_BUF_ERROR' ? 'the gzip stream ends early' : 'the gzip stream is damaged';
    throw new TruncatedFileError(`${what} (${bytes.byteLength} bytes); copy the file again`, { cause });
  }
}

/** What the first `length` compressed bytes unpack to, at most about a thousand times as much. */
export function gunzipStart(bytes: Uint8Array, length: number): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new TruncatedFileError(`the gzip stream is damaged (${bytes.byteLength} bytes); copy the file again`, {
      cause,
    });
  }
}

import { PentafoldError } from '#core/errors.ts';
import { systemErrorCode } from './system-error-code.ts';

/** Thrown when a write found no room; nothing of it was left behind. */
export class StorageFullError extends PentafoldError {
  readonly code = 'STORAGE_FULL';

  constructor(path: string, options?: ErrorOptions) {
    super(`no room left to store ${path}; free some room and run the same command again`, options);
  }
}

// EFBIG: a file larger than the file system, or the limit set for the process, lets one be.
const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether a write found no room, in the system's words or ours. */
export const isStorageFull = (error: unknown): boolean =>
  error instanceof StorageFullError || FULL.has(systemErrorCode(error));

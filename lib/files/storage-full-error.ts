import { PentafoldError } from '#core/errors.ts';

/** Thrown when a write found no room; nothing of it was left behind. */
export class StorageFullError extends PentafoldError {
  readonly code = 'STORAGE_FULL';

  constructor(path: string, options?: ErrorOptions) {
    super(`no room left to store ${path}; free some room and run the same command again`, options);
  }
}

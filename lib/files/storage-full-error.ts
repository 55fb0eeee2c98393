import { PentafoldError } from '#core/errors.ts';

/** Thrown when a write found no room; nothing of it was left behind. */
export class StorageFullError extends PentafoldError {
  readonly code = 'STORAGE_FULL';

  constructor(what: string, options?: ErrorOptions) {
    super(`no room left to store ${what}; free some and run the same command again`, options);
  }
}

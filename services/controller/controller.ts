import type { TaskSnapshot } from './snapshot.ts';

/** Where workers reach the controller. */
export interface ControllerDoor extends AsyncDisposable {
  /** `host:port` as bound. */
  readonly address: string;
}

/** A controller that works. */
export interface Controller extends AsyncDisposable {
  /** As of the last look; `undefined` before the first one, and when there is no such Task. */
  snapshot(task: string): TaskSnapshot | undefined;
  /**
   * Asks every attempt to end and starts none: `checkpoint` lets them save what they have, `now` kills them.
   * @returns when nothing runs any more.
   */
  stop(how: 'checkpoint' | 'now'): Promise<void>;
  /** Stops deciding and leaves to the next controller what runs. */
  leave(): Promise<void>;
  /** Resolves when the controller has stopped. Rejects when it failed too often in a row, with the last reason. */
  readonly ended: Promise<void>;
}

import { setTimeout } from 'node:timers/promises';

/**
 * Waits until a condition holds, looking every few milliseconds.
 *
 * @throws {Error} naming `what` when it does not hold within ten seconds: generous, so that a busy machine fails no test.
 */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still waiting, after ten seconds, until ${what}`);
    await setTimeout(5);
  }
}

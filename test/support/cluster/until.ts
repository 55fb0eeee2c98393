import { setTimeout } from 'node:timers/promises';

/**
 * Waits until a look finds what is waited for, looking twice a second.
 *
 * @throws {Error} naming `what` when it is not found in time: generous, so that a busy machine fails no test.
 */
export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 200): Promise<T> {
  const deadline = Date.now() + 1000 * seconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`still waiting, after ${seconds} s, until ${what}`);
    await setTimeout(500);
  }
}

import type { JudgedStep } from './verdict.ts';

/**
 * When to look at a Task again without being told of a change: when a pause ends, and at intervals while something runs,
 * for its progress.
 *
 * @returns `null` when only a change can matter.
 */
export function nextLook(steps: readonly Pick<JudgedStep, 'standing'>[], resyncMs: number, now: Date): Date | null {
  const times = steps.flatMap(({ standing }) => {
    if (standing.kind === 'pausing') return [standing.until.getTime()];
    return standing.kind === 'live' || standing.kind === 'ready' ? [now.getTime() + resyncMs] : [];
  });
  return times.length === 0 ? null : new Date(Math.min(...times));
}

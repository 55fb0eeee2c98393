import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { oneLine } from './one-line.ts';

const KILLED = {
  memory: 'killed: it took more memory than it may have',
  disruption: 'lost its machine',
  unknown: 'killed',
} as const;

/** How an attempt is, in plain words. */
export function attemptWords(state: AttemptState): string {
  switch (state.kind) {
    case 'pending':
      return state.waitsFor === null ? 'waits to begin' : `waits for ${oneLine(state.waitsFor)}`;
    case 'running':
      return 'running';
    case 'killed':
      return KILLED[state.by];
    case 'ended':
      return endWords(state.exitCode);
  }
}

function endWords(exitCode: number): string {
  if (exitCode === EXIT_CODES.done) return 'done';
  if (exitCode === EXIT_CODES.yielded) return 'stopped after a checkpoint';
  return exitCode === EXIT_CODES.badInput ? 'failed: bad input' : `failed with exit code ${exitCode}`;
}

/** `train 2d fold 0`, `train 2d fold 0 (attempt 2)`. */
export const attemptTitle = ({ title, attempt }: Pick<ShownAttempt, 'title' | 'attempt'>): string =>
  attempt > 1 ? `${title} (attempt ${attempt})` : title;

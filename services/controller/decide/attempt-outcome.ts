import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { AttemptSeen } from './observed.ts';

/**
 * How an attempt stands.
 *
 * `live`: waiting for its turn, or running. `bad-input`: no repetition will help. `failed`: it left a reason behind.
 * `unexplained`: it ended as a failure and left none. `lost`: killed by a signal, or its machine went away.
 * `yielded`: it ended because it was asked to, or ran under an earlier controller; costs nothing.
 */
export type AttemptOutcome = 'live' | 'bad-input' | 'failed' | 'unexplained' | 'lost' | 'yielded';

export function attemptOutcome({ run, failure }: AttemptSeen): AttemptOutcome {
  if (run.kind === 'pending' || run.kind === 'running') return 'live';
  const exitCode = run.kind === 'ended' ? run.exitCode : undefined;
  if (failure !== null) return exitCode === EXIT_CODES.badInput ? 'bad-input' : 'failed';
  if (exitCode === undefined || exitCode === EXIT_CODES.yielded) return 'yielded';
  return exitCode === null ? 'lost' : 'unexplained';
}

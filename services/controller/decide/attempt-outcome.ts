import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { AttemptSeen } from './observed.ts';

/** Whether an attempt waits or runs. */
export const isLive = ({ kind }: AttemptSeen['run']): boolean => kind === 'pending' || kind === 'running';

/**
 * How an attempt stands.
 *
 * `live`: waiting for its turn, or running. `bad-input`: no repetition will help. `failed`: it left a reason behind.
 * `unexplained`: it ended as a failure, or for want of memory, and left none. `lost`: killed, nobody knows by what.
 * `yielded`: it ended because it was asked to or its machine was taken away, whatever it says then, or ran under an
 * earlier controller; costs nothing.
 */
export type AttemptOutcome = 'live' | 'bad-input' | 'failed' | 'unexplained' | 'lost' | 'yielded';

export function attemptOutcome({ run, failure }: AttemptSeen): AttemptOutcome {
  if (isLive(run)) return 'live';
  if (run.kind === 'killed' && run.by === 'disruption') return 'yielded';
  const exitCode = run.kind === 'ended' ? run.exitCode : null;
  if (failure !== null) return exitCode === EXIT_CODES.badInput ? 'bad-input' : 'failed';
  if (run.kind === 'killed') return run.by === 'memory' ? 'unexplained' : 'lost';
  return exitCode === null || exitCode === EXIT_CODES.yielded ? 'yielded' : 'unexplained';
}

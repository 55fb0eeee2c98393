import type { Instruction } from '#platform/link/controller-link.ts';
import type { Verdict } from './verdict.ts';

/**
 * What all Tasks together want of a step's running attempts.
 *
 * `go-on`: a Task that is at work needs it. `yield`: only Tasks that are suspended, failed or done know it; a checkpoint
 * is worth keeping. `stop`: no Task knows it any more.
 *
 * @param needing the verdicts on the Tasks that need the step.
 * @param someAreUnnamed whether there are Tasks whose steps are not known: then nothing can be said against it.
 */
export function wishFor(needing: readonly Verdict['kind'][], someAreUnnamed: boolean): Instruction {
  if (needing.includes('working')) return 'go-on';
  return needing.length > 0 || someAreUnnamed ? 'yield' : 'stop';
}

import type { Demand, StepAttempt } from '../step-runner.ts';

/** An accelerator that nodes of the cluster advertise: a whole GPU, or a slice of one. */
export interface Accelerator {
  /** Extended resource, for example `nvidia.com/gpu` or `nvidia.com/mig-1g.10gb`. */
  readonly resource: string;
  readonly memoryBytes: number;
}

const MIB = 2 ** 20;

/** Not accelerators: every node has them. */
const ORDINARY = /^(cpu|memory|ephemeral-storage|hugepages-.*)$/;

/**
 * What a pod asks for: what the Task says, else CPU and memory by forecast and, for a training, the smallest accelerator
 * that holds it. Memory is also the limit, and an accelerator's request always is; CPU has no limit, so that idle cores help.
 *
 * @param accelerators of the cluster; none: trainings run on the CPU and their memory is the pod's.
 */
export function attemptResources(
  { demand, workers }: Pick<StepAttempt, 'demand' | 'workers'>,
  accelerators: readonly Accelerator[],
): { readonly requests: Record<string, string>; readonly limits: Record<string, string> } {
  const named = Object.keys(workers.resources).some((name) => !ORDINARY.test(name));
  const accelerator = named ? null : acceleratorFor(demand, accelerators);
  const onHost = named || accelerator !== null ? 0 : (demand.trainingBytes ?? 0);
  const requests = {
    cpu: String(workers.threads),
    memory: `${Math.ceil((demand.memoryBytes + onHost) / MIB)}Mi`,
    ...(accelerator === null ? {} : { [accelerator.resource]: '1' }),
    ...(demand.trainingBytes === null ? ordinaryOnly(workers.resources) : workers.resources),
  };
  const { cpu: _, ...limits } = requests;
  return { requests, limits };
}

/** `null` where the step needs none or the cluster has none; the largest where even that is said to be too small. */
function acceleratorFor({ trainingBytes }: Demand, accelerators: readonly Accelerator[]): Accelerator | null {
  if (trainingBytes === null) return null;
  const bySize = accelerators.toSorted((a, b) => a.memoryBytes - b.memoryBytes);
  return bySize.find(({ memoryBytes }) => memoryBytes >= trainingBytes) ?? bySize.at(-1) ?? null;
}

/** Steps that do not train leave the accelerators to those that do. */
const ordinaryOnly = (resources: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(resources).filter(([name]) => ORDINARY.test(name)));

/** Whether a pod with these requests has an accelerator. */
export const hasAccelerator = (requests: Readonly<Record<string, string>>): boolean =>
  Object.keys(requests).some((name) => !ORDINARY.test(name));

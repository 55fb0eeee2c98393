import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { standingOf } from '#api/v1alpha1/standing.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';

/** What a controller that leads looks after. */
export interface Leading {
  readonly tasks: Pick<TaskStore, 'list'>;
  readonly runner: Pick<StepRunner, 'list'>;
}

const registry = new Registry();
collectDefaultMetrics({ register: registry });
const isLeading = new Gauge({
  name: 'pentafold_controller_leading',
  help: '1 in the controller that leads, 0 in those that wait',
  registers: [registry],
});
const tasks = new Gauge({
  name: 'pentafold_tasks',
  help: 'Tasks of the namespace by state, as the controller that leads sees them',
  labelNames: ['state'],
  registers: [registry],
});
const attempts = new Gauge({
  name: 'pentafold_attempts',
  help: 'Attempts at steps whose Jobs are still there, by state',
  labelNames: ['state'],
  registers: [registry],
});

/** What a controller tells Prometheus. @param leading `null` while another one leads. */
export async function clusterMetrics(
  leading: Leading | null,
): Promise<{ readonly contentType: string; readonly text: string }> {
  isLeading.set(leading === null ? 0 : 1);
  tasks.reset();
  attempts.reset();
  for (const task of (await leading?.tasks.list()) ?? []) tasks.inc({ state: standingOf(task) });
  for (const { state } of (await leading?.runner.list()) ?? []) attempts.inc({ state: state.kind });
  return { contentType: registry.contentType, text: await registry.metrics() };
}

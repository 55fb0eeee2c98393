// A controller's reconciler among things in memory: a test says how attempts go, and looks at what was asked and written.

import type { Task } from '#api/v1alpha1/kinds.ts';
import type { TaskEvent } from '#platform/tasks/task-events.ts';
import { datasetRevision } from '#steps/revision.ts';
import { StepStore } from '#steps/step-store.ts';
import { Actor } from '../../services/controller/act.ts';
import { loadConfig } from '../../services/controller/config.ts';
import { Departures } from '../../services/controller/departures.ts';
import { Observer } from '../../services/controller/observe.ts';
import { Reconciler } from '../../services/controller/reconciler.ts';
import type { Report } from '../../services/controller/synchronize.ts';
import { CountingObjectStore } from './counting-object-store.ts';
import { finishSteps } from './finished-steps.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import { MemoryStepRunner } from './memory-step-runner.ts';
import { MemoryTaskStore } from './memory-task-store.ts';
import { aTask } from './observed-task.ts';
import { RecordingLogger } from './recording-logger.ts';

export class ControllerWorld {
  readonly clock = new ManualClock();
  readonly log = new RecordingLogger();
  readonly tasks = new MemoryTaskStore();
  /** What was told, in order: `AttemptStarted: ingest, attempt 1.` */
  readonly events: string[] = [];
  readonly objects = new CountingObjectStore(() => this.clock.now());
  readonly dataset = new MemoryObjectStore(() => this.clock.now());
  readonly runner = new MemoryStepRunner();
  /** By `step/attempt`. */
  readonly reports = new Map<string, Report>();
  readonly steps = new StepStore(this.objects);

  /** A controller that knows nothing yet, as after a restart. */
  aReconciler(env: Record<string, string> = {}): Reconciler {
    return this.aController(env).reconciler;
  }

  /** Its parts that act. */
  aController(env: Record<string, string> = {}): { readonly reconciler: Reconciler; readonly departures: Departures } {
    const { clock, log, tasks, objects, steps, runner } = this;
    const events = { record: (_: Task, { reason, note }: TaskEvent) => this.events.push(`${reason}: ${note}`) };
    const config = loadConfig(env);
    const actor = new Actor({ steps, tasks, runner, log });
    const sources = {
      tasks,
      objects,
      steps,
      datasets: () => this.dataset,
      reportOf: (step: string, attempt: number) => this.reports.get(`${step}/${attempt}`) ?? null,
      forgetReports: () => {},
      running: (step: string) => actor.attemptsAt(step),
    };
    const observer = new Observer(sources, { needsTraining: true, takesInAnew: config.retryFailed });
    const shared = { tasks, runner, observer, deletions: tasks, events, clock, log };
    return {
      reconciler: new Reconciler({ ...shared, config, actor }),
      departures: new Departures({ ...shared, steps }),
    };
  }

  /** Stores a Task of one configuration and two folds. */
  apply(name = 'liver', spec: object = {}): Promise<Task> {
    const { apiVersion, kind, spec: whole } = aTask({ spec });
    return this.tasks.apply({ apiVersion, kind, metadata: { name }, spec: whole });
  }

  /** Makes the steps of these keys done. @returns the digests of all steps that have a name then, by key. */
  async finish(name: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const task = await this.tasks.get(name);
    if (task === undefined) throw new RangeError(`there is no Task ${name}`);
    return finishSteps(this.steps, task, await datasetRevision(this.dataset), keys);
  }
}

import type { Task } from '#api/v1alpha1/kinds.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import { TASKS } from './custom-resources.ts';
import type { TaskEvent, TaskEvents } from './task-events.ts';

/** Tells of Tasks by Events of their namespace; how many, the recorder bounds. */
export class KubeTaskEvents implements TaskEvents {
  readonly #recorder: Pick<EventRecorder, 'record'>;
  readonly #namespace: string;

  constructor(recorder: Pick<EventRecorder, 'record'>, namespace: string) {
    this.#recorder = recorder;
    this.#namespace = namespace;
  }

  record({ metadata: { name, uid } }: Task, event: TaskEvent): void {
    const { apiVersion, kind } = TASKS;
    this.#recorder.record({ regarding: { apiVersion, kind, namespace: this.#namespace, name, uid }, ...event });
  }
}

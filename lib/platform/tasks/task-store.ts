// The port to the API objects: a directory here, CustomResources there.

import type { Model, Task, TaskStatus } from '#api/v1alpha1/kinds.ts';

export interface TaskStore {
  /** By name. Without those that are being deleted, and those that cannot be read. */
  list(): Promise<Task[]>;
  get(name: string): Promise<Task | undefined>;
  /** Creates, or replaces the spec and raises `metadata.generation` if it differs. @returns the stored Task. */
  apply(
    task: Pick<Task, 'apiVersion' | 'kind' | 'spec'> & { readonly metadata: { readonly name: string } },
  ): Promise<Task>;
  /** Replaces the status; the spec is never touched. */
  updateStatus(name: string, status: TaskStatus): Promise<void>;
  getModel(name: string): Promise<Model | undefined>;
  /** Creates the Model or replaces it by a higher version. */
  applyModel(model: Model): Promise<void>;
  /**
   * Resolves when a Task came, went, has another spec or is to be retried since the last wait, or when the signal
   * aborts. A status is no change: whoever waits here wrote it.
   */
  changed(signal: AbortSignal): Promise<void>;
}

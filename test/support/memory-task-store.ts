import type { Model, Task, TaskManifest, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import { ChangeSignal } from '#platform/change-signal.ts';
import type { Deletions, LeavingTask } from '#platform/tasks/deletions.ts';
import { checkedObjectName } from '#platform/tasks/object-name.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';

/** Tasks and Models in memory. Passes the task store's conformance suite; a test may annotate and remove, and counts statuses. */
export class MemoryTaskStore implements TaskStore, Deletions {
  readonly #tasks = new Map<string, Task>();
  readonly #models = new Map<string, Model>();
  readonly #change = new ChangeSignal();
  /** Names of the Tasks whose deletion waits. */
  readonly held = new Set<string>();
  namespaceIsGoing = false;
  #leaving: LeavingTask[] = [];
  /** How many statuses were written. */
  statusesWritten = 0;

  async list(): Promise<Task[]> {
    return [...this.#tasks.keys()].sort().map((name) => this.#present(name));
  }

  async get(name: string): Promise<Task | undefined> {
    return this.#tasks.get(checkedObjectName(name));
  }

  async apply({ apiVersion, kind, metadata: { name }, spec }: TaskManifest): Promise<Task> {
    const stored = this.#tasks.get(name);
    if (stored !== undefined && canonicalJson(stored.spec) === canonicalJson(spec)) return stored;
    const metadata = stored?.metadata ?? {
      name,
      uid: `uid-of-${name}`,
      generation: 0,
      creationTimestamp: '2026-01-01T00:00:00.000Z',
    };
    const task = { ...stored, apiVersion, kind, metadata: { ...metadata, generation: metadata.generation + 1 }, spec };
    this.#put(task);
    return task;
  }

  /** As a person who annotates a Task. */
  annotate(name: string, retryRequestedAt: string): void {
    const task = this.#present(name);
    this.#put({ ...task, metadata: { ...task.metadata, retryRequestedAt } });
  }

  /** As a person who deletes a Task: one that is held stays until it is not. */
  delete(name: string, since: Date): void {
    const task = this.#present(name);
    this.#tasks.delete(name);
    if (this.held.has(name)) this.#leaving.push({ name, task, since });
    this.#change.note();
  }

  async hold(name: string, isHeld: boolean): Promise<void> {
    if (isHeld) this.held.add(name);
    else this.held.delete(name);
    this.#leaving = this.#leaving.filter((leaving) => this.held.has(leaving.name));
  }

  async leaving(): Promise<LeavingTask[]> {
    return this.#leaving;
  }

  async modelSteps(): Promise<string[]> {
    return [...this.#models.values()].map(({ spec }) => spec.step);
  }

  async everythingGoes(): Promise<boolean> {
    return this.namespaceIsGoing;
  }

  async updateStatus(name: string, status: TaskStatus): Promise<void> {
    this.#tasks.set(name, { ...this.#present(name), status });
    this.statusesWritten += 1;
  }

  async getModel(name: string): Promise<Model | undefined> {
    return this.#models.get(checkedObjectName(name));
  }

  async applyModel(model: Model): Promise<void> {
    const { name } = model.metadata;
    const stored = this.#models.get(name);
    if (stored !== undefined && canonicalJson(stored) === canonicalJson(model)) return;
    if (stored !== undefined && stored.spec.version >= model.spec.version) {
      throw new RangeError(`model ${name} has version ${stored.spec.version} already and versions do not change`);
    }
    this.#models.set(name, model);
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  #put(task: Task): void {
    this.#tasks.set(task.metadata.name, task);
    this.#change.note();
  }

  #present(name: string): Task {
    const task = this.#tasks.get(name);
    if (task === undefined) throw new RangeError(`there is no Task ${name}`);
    return task;
  }
}

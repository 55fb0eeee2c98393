import type { Observed } from './decide/observed.ts';

/** The last observation of every Task that is looked at, found by Task and by step. */
export class Observations {
  readonly #byTask = new Map<string, Observed>();
  /** By digest of a step: the Tasks that need it. */
  readonly #tasksOf = new Map<string, Set<string>>();

  of(task: string): Observed | undefined {
    return this.#byTask.get(task);
  }

  /** Those whose Task needs a step. */
  needing(step: string): Observed[] {
    return [...(this.#tasksOf.get(step) ?? [])].flatMap((task) => this.#byTask.get(task) ?? []);
  }

  /** Whether the steps of one cannot be named, since its data set is out of reach. */
  get someAreUnnamed(): boolean {
    return [...this.#byTask.values()].some(({ datasetFault }) => datasetFault !== null);
  }

  set(observed: Observed): void {
    const { name } = observed.task.metadata;
    this.delete(name);
    this.#byTask.set(name, observed);
    for (const { digest } of observed.steps) {
      if (digest === null) continue;
      const tasks = this.#tasksOf.get(digest) ?? new Set();
      this.#tasksOf.set(digest, tasks.add(name));
    }
  }

  delete(task: string): void {
    for (const { digest } of this.#byTask.get(task)?.steps ?? []) {
      const tasks = digest === null ? undefined : this.#tasksOf.get(digest);
      tasks?.delete(task);
      if (digest !== null && tasks?.size === 0) this.#tasksOf.delete(digest);
    }
    this.#byTask.delete(task);
  }
}

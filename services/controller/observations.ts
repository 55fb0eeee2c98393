import type { Observed } from './decide/observed.ts';
import { isSuperseded } from './decide/superseded.ts';
import type { Verdict } from './decide/verdict.ts';

/** The last observation of every Task that is looked at, with the verdict on it, found by Task and by step. */
export class Observations {
  readonly #byTask = new Map<string, Observed>();
  readonly #verdicts = new Map<string, Verdict['kind']>();
  /** Tasks whose steps cannot be named. */
  readonly #unnamed = new Set<string>();
  /** By digest of a step: the Tasks that need it. */
  readonly #tasksOf = new Map<string, Set<string>>();

  of(task: string): Observed | undefined {
    return this.#byTask.get(task);
  }

  /** Names of the Tasks that need a step. */
  needing(step: string): string[] {
    return [...(this.#tasksOf.get(step) ?? [])];
  }

  /** The verdicts on them. */
  verdictsOfThoseNeeding(step: string): Verdict['kind'][] {
    return this.needing(step).flatMap((task) => this.#verdicts.get(task) ?? []);
  }

  /** Whether another attempt at the step has taken this one's place. */
  isSuperseded(step: string, attempt: number): boolean {
    const seen = this.needing(step).flatMap((task) => this.of(task)?.steps.find(({ digest }) => digest === step) ?? []);
    return seen.some((one) => isSuperseded(one, attempt));
  }

  /** Whether the steps of one cannot be named, since its data set is out of reach. */
  get someAreUnnamed(): boolean {
    return this.#unnamed.size > 0;
  }

  set(observed: Observed, verdict: Verdict['kind']): void {
    const { name } = observed.task.metadata;
    this.delete(name);
    this.#byTask.set(name, observed);
    this.#verdicts.set(name, verdict);
    if (observed.datasetFault !== null) this.#unnamed.add(name);
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
    this.#verdicts.delete(task);
    this.#unnamed.delete(task);
  }
}

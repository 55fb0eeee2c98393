import type { V1Pod } from '@kubernetes/client-node';
import type { Model, Task } from '#api/v1alpha1/kinds.ts';
import type { Stored } from '#platform/kube/kube-object.ts';
import { LABELS, STEP_ANNOTATION } from '#platform/runner/kubernetes/attempt-job.ts';
import type { TestSite } from './test-site.ts';
import { until } from './until.ts';

type Pod = Stored<V1Pod>;

/** A Task that runs on a test site. */
export class TaskRun {
  readonly #site: TestSite;
  readonly #name: string;

  constructor(site: TestSite, name: string) {
    this.#site = site;
    this.#name = name;
  }

  /** @param seconds how long that may take. @throws {Error} with the Task’s reason when the Task fails instead. */
  async succeeds(seconds = 120): Promise<Model> {
    const succeeded = async () => {
      const failed = await this.condition('Failed');
      if (failed?.status === 'True') throw new Error(`Task ${this.#name} failed: ${failed.message}`);
      return (await this.condition('Succeeded'))?.status === 'True' ? true : undefined;
    };
    await until(`Task ${this.#name} has succeeded`, succeeded, seconds);
    const model = await this.#site.model(this.#name);
    if (model === undefined) throw new Error(`Task ${this.#name} succeeded without a Model`);
    return model;
  }

  /** @returns why. */
  fails(): Promise<{ readonly reason: string; readonly message: string }> {
    return until(`Task ${this.#name} has failed`, async () => {
      const failed = await this.condition('Failed');
      return failed?.status === 'True' ? failed : undefined;
    });
  }

  async condition(type: string) {
    const task: Task | undefined = await this.#site.task(this.#name).catch(() => undefined);
    return task?.status?.conditions.find((one) => one.type === type);
  }

  /** Of all its attempts whose Jobs are still there, the earliest first. */
  async pods(): Promise<Pod[]> {
    const selector = `--selector=${LABELS.task}=${this.#name}`;
    const { items } = JSON.parse(await this.#site.kubectl(['get', 'pods', selector, '--output=json']));
    return items.toSorted(
      (a: Pod, b: Pod) => Number(a.metadata.creationTimestamp > b.metadata.creationTimestamp) - 0.5,
    );
  }

  /** The pod of an attempt at the step with this title, once it runs. @param seconds how long that may take. */
  running(title: string, attempt = 1, seconds = 120): Promise<Pod> {
    const name = `${title}/${attempt}`;
    const runs = (pod: Pod) => attemptOf(pod) === name && pod.status?.phase === 'Running';
    return until(`${name} runs`, async () => (await this.pods()).find(runs), seconds);
  }

  /** How many attempts at each step ended well. Once is what is right. */
  async completions(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const pod of await this.pods())
      if (pod.status?.phase === 'Succeeded') counts[titleOf(pod)] = (counts[titleOf(pod)] ?? 0) + 1;
    return counts;
  }

  /** Names of all attempts, as `train 2d fold 0/2`. */
  async attempts(): Promise<string[]> {
    return (await this.pods()).map(attemptOf).sort();
  }

  /** That of an attempt, by its name. */
  async pod(attempt: string): Promise<Pod | undefined> {
    return (await this.pods()).find((pod) => attemptOf(pod) === attempt);
  }
}

const titleOf = ({ metadata }: Pod): string => metadata.annotations?.['pentafold.io/title'] ?? '';

const attemptOf = (pod: Pod): string => `${titleOf(pod)}/${pod.metadata.labels?.[LABELS.attempt]}`;

/** Digest of the step that a pod works at. */
export const stepOf = ({ metadata }: Pod): string => metadata.annotations?.[STEP_ANNOTATION] ?? '';

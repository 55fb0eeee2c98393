import type { V1Job } from '@kubernetes/client-node';
import { shapeZyx } from '#core/geometry/axes.ts';
import { JOBS, type Stored } from '#platform/kube/kube-object.ts';
import type { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import type { Watch } from '#platform/kube/namespace-watch.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { LABELS, STEP_ANNOTATION } from '#platform/runner/kubernetes/attempt-job.ts';
import { ensembleOptionsSchema, trainOptionsSchema } from '#steps/options.ts';
import type { StepDescription } from '#steps/step.ts';
import { StepStore } from '#steps/step-store.ts';
import {
  FAKE_PREPROCESSING,
  type FakeOutputs,
  fakeEnsemble,
  fakeIngest,
  fakePublication,
  fakeTraining,
} from '../fake-outputs.ts';

type Job = Stored<V1Job>;

/** Cases so large that all four configurations are planned for them. */
const INGESTED = fakeIngest({ cases: 10, shape: shapeZyx(256, 320, 320) });

/** Plays the workers of a namespace: as soon as there is a Job, what its step is to write is there. */
export class PlayedWorkers implements AsyncDisposable {
  readonly #steps: StepStore;
  readonly #jobs: ListAndWatch<Job>;
  readonly #writing = new Set<Promise<void>>();
  #failure: unknown = null;

  constructor(watch: Watch, objects: ObjectStore) {
    this.#steps = new StepStore(objects);
    this.#jobs = watch(JOBS, '', (change) => {
      if (change.type === 'added') this.#play(change.after);
    });
  }

  /** @throws what went wrong, if anything did. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#jobs[Symbol.asyncDispose]();
    await Promise.all(this.#writing);
    if (this.#failure !== null) throw this.#failure;
  }

  #play(job: Job): void {
    const writing = this.#write(job).catch((error) => {
      this.#failure ??= error;
    });
    this.#writing.add(writing);
    void writing.finally(() => this.#writing.delete(writing));
  }

  async #write({ metadata: { annotations, labels } }: Job): Promise<void> {
    const step = annotations?.[STEP_ANNOTATION] ?? '';
    const { files, result } = outputsOf(step, await this.#steps.description(step));
    const writer = this.#steps.attempt(step, Number(labels?.[LABELS.attempt]));
    for (const [path, text] of Object.entries(files)) await writer.writeText(path, text);
    await writer.commit(result);
  }
}

function outputsOf(step: string, { identity: { kind, options } }: StepDescription): FakeOutputs {
  switch (kind) {
    case 'ingest':
      return INGESTED;
    case 'preprocess':
      return FAKE_PREPROCESSING;
    case 'train':
      return fakeTraining(trainOptionsSchema.parse(options).fold, `weights of ${step}`);
    case 'ensemble':
      return fakeEnsemble(ensembleOptionsSchema.parse(options).configurations);
    case 'publish':
      return fakePublication();
    case 'plan':
      throw new RangeError('the controller makes plans itself');
  }
}

// The worker's handlers in this process, on an engine that does arithmetic instead of learning unless another is given. A
// second passes with every call of the engine, and any call may be the one at which the process is asked to end.

import type { Engine, EngineRequest } from '#compute/engine.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { runStepProgram } from '#steps/step-program.ts';
import type { StepStore } from '#steps/step-store.ts';
import { FakeControllerLink } from '#test/fake-controller-link.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryBus } from '#test/memory-bus.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { ingestStep } from '../../../services/worker/ingest/ingest-step.ts';
import { preprocessStep } from '../../../services/worker/preprocess/preprocess-step.ts';
import { trainStep } from '../../../services/worker/train/train-step.ts';
import { type ArithmeticEngineOptions, arithmeticEngine } from './arithmetic-engine.ts';
import { heardEngine } from './heard-engine.ts';

export interface Interruption {
  /** `checkpoint` as by SIGTERM, `now` as by SIGKILL: nothing the handler does afterwards counts. */
  readonly how: 'checkpoint' | 'now';
  /** The call of the engine, from 1, during which it comes. */
  readonly atCall: number;
}

export interface AttemptOptions extends Pick<ArithmeticEngineOptions, 'numerics' | 'skips'> {
  readonly interruption?: Interruption;
  /** Opens an engine that learns. */
  readonly openEngine?: (request: EngineRequest) => Promise<Engine>;
}

/** What one attempt did, for a test to look at. */
export interface Attempted {
  readonly exit: number;
  /** Calls of the engine: `step`, `validate` or `predict`. */
  readonly calls: readonly string[];
  readonly bus: MemoryBus;
  readonly log: RecordingLogger;
}

export class InProcessWorker {
  readonly #store: StepStore;
  readonly #dataset: ObjectStore;
  readonly #scratch: string;

  constructor(store: StepStore, dataset: ObjectStore, scratch: string) {
    this.#store = store;
    this.#dataset = dataset;
    this.#scratch = scratch;
  }

  async attempt(step: string, attempt: number, options: AttemptOptions = {}): Promise<Attempted> {
    const signals = { checkpoint: new AbortController(), now: new AbortController() };
    const clock = new ManualClock();
    const bus = new MemoryBus();
    const log = new RecordingLogger();
    const calls: string[] = [];
    const onCall = (call: string) => {
      calls.push(call);
      clock.advance(1000);
      if (calls.length === options.interruption?.atCall) signals[options.interruption.how].abort();
    };
    const train = trainStep({
      openEngine: async (request) =>
        options.openEngine === undefined
          ? arithmeticEngine({ ...options, onCall })
          : heardEngine(await options.openEngine(request), onCall),
      device: 'cpu',
      cacheFolder: `${this.#scratch}/cases`,
      cacheBytes: 2 ** 30,
    });
    const exit = await runStepProgram({
      step,
      attempt,
      version: '0.1.0',
      store: this.#store,
      handlers: { ingest: ingestStep, preprocess: preprocessStep, train },
      link: new FakeControllerLink({}),
      credentials: null,
      clock,
      log,
      datasets: () => this.#dataset,
      bus,
      scratch: `${this.#scratch}/${step}-${attempt}`,
      signals: { checkpoint: signals.checkpoint.signal, now: signals.now.signal },
    });
    return { exit, calls, bus, log };
  }
}

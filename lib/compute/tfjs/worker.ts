// The thread that computes, so that the event loop of the main thread stays free.

import { parentPort } from 'node:worker_threads';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import type { TrainingCase } from '../engine.ts';
import { startBackend } from './backend.ts';
import type { AnswerMessage, CallMessage, Calls } from './calls.ts';
import { NetworkOnTfjs } from './network-on-tfjs.ts';
import { predict } from './sliding-window.ts';
import { TrainingOnTfjs } from './training-on-tfjs.ts';

/** Things given out under numbers. */
class Registry<T> {
  readonly #what: string;
  readonly #entries = new Map<number, T>();
  #last = 0;

  constructor(what: string) {
    this.#what = what;
  }

  add(entry: T): number {
    this.#entries.set(++this.#last, entry);
    return this.#last;
  }

  get(id: number): T {
    const entry = this.#entries.get(id);
    if (!entry) throw new Error(`this ${this.#what} has been closed`);
    return entry;
  }

  remove(id: number): void {
    this.#entries.delete(id);
  }
}

const networks = new Registry<NetworkOnTfjs>('network');
const trainings = new Registry<TrainingOnTfjs>('training');

const calls: Calls = {
  start: (device) => startBackend(device),
  compile: (graph: NetworkGraph) => networks.add(new NetworkOnTfjs(graph)),
  setWeights: (network, weights) => {
    networks.get(network).weights = weights;
  },
  weights: (network) => networks.get(network).weights,
  forward: (network, input) => networks.get(network).forward(input),
  predict: (network, image, tiles) => predict(networks.get(network), image, tiles),
  closeNetwork: (network) => networks.remove(network),
  train: (network, setup: TrainingSetup, cases: readonly TrainingCase[]) =>
    trainings.add(new TrainingOnTfjs(networks.get(network), setup, cases)),
  step: (training, batch, learningRate) => trainings.get(training).step(batch, learningRate),
  stepOn: (training, batch, learningRate) => trainings.get(training).stepOn(batch, learningRate),
  validate: (training, batch) => trainings.get(training).validate(batch),
  gather: (training, batch) => trainings.get(training).gather(batch),
  gradients: (training, batch) => trainings.get(training).gradients(batch),
  optimizerState: (training) => trainings.get(training).optimizerState,
  setOptimizerState: (training, state) => {
    trainings.get(training).optimizerState = state;
  },
  closeTraining: (training) => trainings.remove(training),
};

/** Answers one call after another; only `start` takes more than one turn, and nothing is called before it is done. */
async function answer({ id, name, parameters }: CallMessage): Promise<AnswerMessage> {
  try {
    const call = calls[name] as (...parameters: readonly unknown[]) => unknown;
    return { id, result: await call(...parameters) };
  } catch (error) {
    return { id, error };
  }
}

parentPort?.on('message', async (message: CallMessage) => {
  parentPort?.postMessage(await answer(message));
});

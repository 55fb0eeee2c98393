// Builders of Tasks as the controller observes them, with the real graph and made-up manifests.

import { API_VERSION, type Model, type Task, type TaskSpec, taskManifest } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import { type Json, stepDigest } from '#steps/step.ts';
import { type StepNode, unfold } from '#steps/unfold.ts';

type SpecInput = Partial<TaskSpec> | Record<string, unknown>;

/** A Task with one configuration and two folds, unless `spec` says otherwise. */
export function aTask(changes: { spec?: SpecInput; generation?: number; status?: Task['status'] } = {}): Task {
  const spec = { dataset: { uri: '/data' }, configurations: ['2d'], folds: 2, ...changes.spec };
  const manifest = taskManifest.parse({ apiVersion: API_VERSION, kind: 'Task', metadata: { name: 'liver' }, spec });
  return {
    ...manifest,
    metadata: {
      name: 'liver',
      uid: 'uid-of-liver',
      generation: changes.generation ?? 1,
      creationTimestamp: '2026-01-01T00:00:00.000Z',
    },
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
}

const BEST = { members: ['2d'], voting: 'soft', meanDice: 0.75 };

/** What each kind of step reports, for the Task of `aTask`. */
const RESULTS: Readonly<Record<StepNode['kind'], Json>> = {
  ingest: { trainingCases: 10, warnings: { total: 0, first: [] } },
  plan: { configurations: [{ name: '2d', arraysOf: '2d', previousStage: null, trainingBytes: 0 }], caseBytes: 0 },
  preprocess: null,
  train: { meanDice: 0.75, seconds: 1 },
  ensemble: { ranking: [BEST], configurations: [{ name: '2d', meanDice: 0.75 }] },
  publish: { best: BEST },
};

/** A manifest of a node whose inputs are known. */
export function aManifest(node: StepNode, attempt = 1): Manifest {
  if (node.identity === null) throw new RangeError(`${node.key} cannot be done: its inputs are not`);
  return { step: stepDigest(node.identity), attempt, outputs: {}, result: RESULTS[node.kind] };
}

/** The graph of a Task in which the steps called in `done` have manifests; `all` does them all. */
export function aGraph(
  task: Task,
  done: readonly string[] | 'all',
): { nodes: StepNode[]; done: Map<string, Manifest> } {
  const manifests = new Map<string, Manifest>();
  const named = Object.keys(task.spec.training.pretrainedWeights);
  const pretrainedWeights = new Map(named.map((configuration) => [configuration, 'digest-of-weights']));
  for (;;) {
    const nodes = unfold(task, { revision: 'revision-1', manifests, pretrainedWeights });
    const next = nodes.find(
      ({ key, identity }) => identity !== null && !manifests.has(key) && (done === 'all' || done.includes(key)),
    );
    if (next === undefined) return { nodes, done: manifests };
    manifests.set(next.key, aManifest(next));
  }
}

/** The Model that a publish manifest leads to. */
export const aModel = (step: string, version = 1): Model => ({
  apiVersion: API_VERSION,
  kind: 'Model',
  metadata: { name: 'liver', creationTimestamp: '2026-01-01T00:00:00.000Z' },
  spec: { version, task: 'liver', step, best: { members: ['2d'], voting: 'soft', meanDice: 0.75 } },
});

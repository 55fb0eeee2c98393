// A model of the world (steps, attempts, a runner, a store) that the decisions steer, with everything that can go wrong
// with observations: they come late, twice, out of order or not at all.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Model, Task } from '#api/v1alpha1/kinds.ts';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import type { Manifest } from '#steps/manifest.ts';
import { stepDigest } from '#steps/step.ts';
import { unfold } from '#steps/unfold.ts';
import { LIMITS } from '#test/observation.ts';
import { aManifest, aTask } from '#test/observed-task.ts';
import { type Action, decide } from './decide.ts';
import type { AttemptSeen, Observed } from './observed.ts';
import { heardRetry } from './retry.ts';
import { statusOf } from './status.ts';

interface WorldAttempt {
  readonly key: string;
  readonly attempt: number;
  state: AttemptState;
  failure: AttemptSeen['failure'];
}

/** What may happen to the first attempt that runs. */
type Event = 'succeeds' | 'is killed' | 'loses its machine' | 'yields' | 'crashes without a reason';

const STATE_AFTER: Readonly<Record<Event, AttemptState>> = {
  succeeds: { kind: 'ended', exitCode: 0 },
  'is killed': { kind: 'killed', by: 'unknown' },
  'loses its machine': { kind: 'killed', by: 'disruption' },
  yields: { kind: 'ended', exitCode: 75 },
  'crashes without a reason': { kind: 'ended', exitCode: 139 },
};

class World {
  task: Task = aTask();
  model: Model | null = null;
  now = new Date('2026-01-02T12:00:00.000Z');
  readonly manifests = new Map<string, Manifest>();
  readonly attempts: WorldAttempt[] = [];
  mostLiveAttemptsOfAStep = 0;

  observe(): Observed {
    const nodes = unfold(this.task, {
      revision: 'revision-1',
      manifests: new Map(this.manifests),
      pretrainedWeights: new Map(),
    });
    const steps = nodes.map((node) => {
      const digest = node.identity === null ? null : stepDigest(node.identity);
      const manifest = this.manifests.get(node.key) ?? null;
      const attempts = manifest === null ? this.#attemptsAt(node.key) : [];
      return { node, digest, manifest, damage: null, leftBehind: [], hasCheckpoint: false, attempts };
    });
    const takenIn = { generation: this.task.metadata.generation, revision: 'revision-1', pretrainedWeights: {} };
    return {
      task: this.task,
      needsTraining: true,
      datasetFault: null,
      takenIn,
      steps,
      speeds: new Map(),
      model: this.model,
    };
  }

  /** Acts on an observation, however old it is. The status is patched from it as well. */
  act(observed: Observed): void {
    for (const action of decide(observed, LIMITS, this.now)) this.perform(observed, action);
    this.task = { ...this.task, status: statusOf(observed, LIMITS, this.now) };
  }

  perform(observed: Observed, action: Action): void {
    if (action.kind === 'apply-model') {
      if (this.model?.spec.step !== action.model.spec.step) this.model = action.model;
      return;
    }
    if (action.kind === 'tidy-up') throw new Error('nothing was left behind');
    const step = action.kind === 'start' ? action.attempt.step : action.step;
    const number = action.kind === 'start' ? action.attempt.attempt : action.attempt;
    const node = observed.steps.find(({ digest }) => digest === step)?.node;
    if (node === undefined) throw new Error('an action on a step that was not observed');
    const known = this.attempts.find(({ key, attempt }) => key === node.key && attempt === number);
    if (action.kind === 'record-failure' && known !== undefined) known.failure ??= { ...action.failure, at: this.now };
    // The runner ignores the start of an attempt that it knows.
    if (action.kind === 'record-failure' || known !== undefined) return;
    this.attempts.push({ key: node.key, attempt: number, state: { kind: 'running' }, failure: null });
    const live = this.attempts.filter(({ key, state }) => key === node.key && state.kind === 'running').length;
    this.mostLiveAttemptsOfAStep = Math.max(this.mostLiveAttemptsOfAStep, live);
  }

  happen(event: Event): void {
    const running = this.attempts.find(({ state }) => state.kind === 'running');
    if (running === undefined) return;
    if (event === 'succeeds') this.#finish(running);
    running.state = STATE_AFTER[event];
  }

  /** Fresh observations only, and everything succeeds: what is left when the trouble is over. */
  settle(): void {
    for (let round = 0; round < 100 && !this.succeeded(); round++) {
      this.now = new Date(this.now.getTime() + 60_000);
      this.act(this.observe());
      this.happen('succeeds');
    }
  }

  succeeded(): boolean {
    return this.task.status?.conditions.some(({ type, status }) => type === 'Succeeded' && status === 'True') ?? false;
  }

  #finish({ key, attempt }: WorldAttempt): void {
    const node = this.observe().steps.find((step) => step.node.key === key)?.node;
    if (node !== undefined && !this.manifests.has(key)) this.manifests.set(key, aManifest(node, attempt));
  }

  #attemptsAt(wanted: string): AttemptSeen[] {
    return this.attempts
      .filter(({ key }) => key === wanted)
      .map(({ attempt, state, failure }) => ({
        attempt,
        run: state,
        failure,
        begun: null,
        progress: null,
        pace: null,
      }));
  }
}

/** `look` notes an observation down, `act` acts on one of those noted: any of them, any number of times. */
type Move =
  | { readonly kind: 'look' }
  | { readonly kind: 'act'; readonly which: number }
  | { readonly kind: 'event'; readonly event: Event };

const harmless = fc.constantFrom<Event>('succeeds', 'is killed', 'yields');
const moves = (events: fc.Arbitrary<Event>): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('look' as const) }),
      fc.record({ kind: fc.constant('act' as const), which: fc.nat(50) }),
      fc.record({ kind: fc.constant('event' as const), event: events }),
    ),
    // So short that no step can be lost ten times.
    { maxLength: 60 },
  );

function played(moves: readonly Move[]): World {
  const world = new World();
  const noted = [world.observe()];
  let kills = 0;
  for (const move of moves) {
    if (move.kind === 'look') noted.push(world.observe());
    if (move.kind === 'act') world.act(noted[move.which % noted.length] ?? world.observe());
    if (move.kind === 'event') {
      if (move.event === 'is killed') kills += 1;
      world.happen(move.event === 'is killed' && kills >= LIMITS.lossesPerStep ? 'yields' : move.event);
    }
  }
  return world;
}

describe('requests for a retry', () => {
  const request = fc.constantFrom('once', 'twice', 'thrice');

  test('are heard once per value that follows another, and lead to the end however often a step was given up', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 8 }), (requests) => {
        const world = new World();
        world.act(world.observe());
        let heard = 0;
        let last: string | undefined;
        for (const value of requests) {
          crashUntilGivenUp(world);
          world.task = { ...world.task, metadata: { ...world.task.metadata, retryRequestedAt: value } };
          for (let look = 0; look < 3; look++) heard += hear(world) ? 1 : 0;
          expect(isFailed(world)).toBe(value === last);
          last = value;
        }
        expect(heard).toBe(requests.filter((value, i) => value !== requests[i - 1]).length);
        crashUntilGivenUp(world);
        world.task = { ...world.task, metadata: { ...world.task.metadata, retryRequestedAt: 'at last' } };
        hear(world);
        world.settle();
        expect(world.succeeded()).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  const isFailed = ({ task }: World) =>
    task.status?.conditions.some(({ type, status }) => type === 'Failed' && status === 'True') ?? false;

  function crashUntilGivenUp(world: World): void {
    for (let round = 0; round < 20 && !isFailed(world); round++) {
      world.now = new Date(world.now.getTime() + 60_000);
      world.act(world.observe());
      world.happen('crashes without a reason');
    }
    expect(isFailed(world)).toBe(true);
    world.now = new Date(world.now.getTime() + 60_000);
  }

  /** As the reconciler does before it looks. */
  function hear(world: World): boolean {
    const status = heardRetry(world.task, world.now);
    if (status !== undefined) world.task = { ...world.task, status };
    return status !== undefined;
  }
});

describe('the decisions', () => {
  test('lead to the same end however observations are ordered, repeated or lost, and whatever is killed', () => {
    fc.assert(
      fc.property(moves(harmless), (moves) => {
        const world = played(moves);
        world.settle();
        expect(world.succeeded()).toBe(true);
        expect(world.model?.spec.version).toBe(1);
        expect([...world.manifests.keys()].sort()).toEqual(
          ['ensemble', 'ingest', 'plan', 'preprocess/2d', 'publish', 'train/2d/0', 'train/2d/1'].sort(),
        );
      }),
    );
  });

  test('never run two attempts at one step, not on an old observation either', () => {
    fc.assert(
      fc.property(moves(harmless), (moves) => {
        expect(played(moves).mostLiveAttemptsOfAStep).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('do nothing new when they are repeated on one observation', () => {
    fc.assert(
      fc.property(moves(harmless), (moves) => {
        const world = played(moves);
        const observed = world.observe();
        world.act(observed);
        const attempts = structuredClone(world.attempts);
        const { status } = world.task;
        for (const action of decide(observed, LIMITS, world.now)) world.perform(observed, action);
        expect(world.attempts).toEqual(attempts);
        world.act(observed);
        expect(world.task.status).toEqual(status);
      }),
    );
  });

  test('end a Task whose step keeps crashing, as failed and for good', () => {
    const world = new World();
    for (let round = 0; round < 50; round++) {
      world.now = new Date(world.now.getTime() + 60_000);
      world.act(world.observe());
      world.happen('crashes without a reason');
    }
    expect(world.attempts.map(({ key }) => key)).toEqual(['ingest', 'ingest', 'ingest']);
    world.settle();
    expect(world.task.status?.conditions.find(({ type }) => type === 'Failed')).toMatchObject({
      status: 'True',
      reason: 'StepCrashed',
    });
  });
});

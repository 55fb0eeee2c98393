// What is known of the attempts at steps that are not done. The store is asked for what it alone can tell, and once: who
// began, why one ended, and whether it left a checkpoint, do not change while nothing is written about it.

import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';
import { failureKey } from '#steps/step-keys.ts';
import type { StepStore } from '#steps/step-store.ts';
import { attemptOutcome, isLive } from './decide/attempt-outcome.ts';
import type { AttemptSeen } from './decide/observed.ts';
import type { Report } from './synchronize.ts';

export interface AttemptSources {
  readonly objects: ObjectStore;
  readonly steps: StepStore;
  /** The last report of a running attempt, if it made one. */
  readonly reportOf: (step: string, attempt: number) => Report | null;
  /** Called for a step whose reports nobody will ask for. */
  readonly forgetReports: (step: string) => void;
}

/** An attempt that ended, as the store told when its runner said `state` of it. */
interface RememberedEnd {
  readonly state: string;
  readonly seen: AttemptSeen;
}

interface RememberedStep {
  /** Attempts that began. Of further ones the runner tells, since whoever leads starts all of them. */
  readonly begun: Set<number>;
  readonly ends: Map<number, RememberedEnd>;
  /** Of which attempts it was asked whether there is a checkpoint, and the answer. */
  checkpoint: { readonly attempts: string; readonly isThere: boolean } | null;
}

export class StepAttempts {
  readonly #sources: AttemptSources;
  readonly #steps = new Map<string, RememberedStep>();

  constructor(sources: AttemptSources) {
    this.#sources = sources;
  }

  /** Has the attempts at a step read again: something was written about them. */
  lookAgain(step: string): void {
    this.#steps.delete(step);
  }

  /** Drops what is known of a step: it is done, or nobody needs it. */
  forget(step: string): void {
    this.#steps.delete(step);
    this.#sources.forgetReports(step);
  }

  /** Ascending. @param running what the runner knows of the step. */
  async at(step: string, running: readonly ObservedAttempt[]): Promise<AttemptSeen[]> {
    const remembered = await this.#remembered(step);
    for (const { attempt } of running) remembered.begun.add(attempt);
    const ascending = [...remembered.begun].sort((a, b) => a - b);
    return Promise.all(ascending.map((attempt) => this.#attempt(step, attempt, running, remembered)));
  }

  /** Whether an attempt can go on where an earlier one was. It decides nothing before the first, or while one is live. */
  async hasCheckpoint(step: string, attempts: readonly AttemptSeen[]): Promise<boolean> {
    if (attempts.length === 0 || attempts.some(({ run }) => isLive(run))) return false;
    const remembered = await this.#remembered(step);
    const asked = attempts.map(({ attempt, run }) => `${attempt} ${run.kind}`).join();
    if (remembered.checkpoint?.attempts === asked) return remembered.checkpoint.isThere;
    const isThere = await this.#sources.steps.hasCheckpoint(step);
    remembered.checkpoint = { attempts: asked, isThere };
    return isThere;
  }

  async #remembered(step: string): Promise<RememberedStep> {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const begun = new Set(await this.#sources.steps.attempts(step));
    const remembered: RememberedStep = { begun, ends: new Map(), checkpoint: null };
    this.#steps.set(step, remembered);
    return remembered;
  }

  async #attempt(
    step: string,
    attempt: number,
    running: readonly ObservedAttempt[],
    { ends }: RememberedStep,
  ): Promise<AttemptSeen> {
    const run = running.find((seen) => seen.attempt === attempt)?.state ?? { kind: 'forgotten' };
    const { progress, pace } = this.#sources.reportOf(step, attempt) ?? { progress: null, pace: null };
    const live = { attempt, run, failure: null, begun: null, progress, pace };
    // What a live one may have written already decides nothing before it ends.
    if (isLive(run)) return live;
    const state = JSON.stringify(run);
    const known = ends.get(attempt);
    if (known?.state === state) return known.seen;
    const seen = await this.#ended(step, live);
    ends.set(attempt, { state, seen });
    return seen;
  }

  async #ended(step: string, attempt: AttemptSeen): Promise<AttemptSeen> {
    const seen = { ...attempt, failure: await this.#failure(step, attempt.attempt) };
    if (attemptOutcome(seen) !== 'lost') return seen;
    return { ...seen, begun: (await this.#sources.steps.begunAt(step, attempt.attempt)) ?? null };
  }

  async #failure(step: string, attempt: number): Promise<AttemptSeen['failure']> {
    const failure = await this.#sources.steps.failure(step, attempt);
    if (failure === undefined) return null;
    const stored = await this.#sources.objects.head(failureKey(step, attempt));
    return stored === undefined ? null : { ...failure, at: stored.modified };
  }
}

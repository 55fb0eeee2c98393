// The whole life of a step's process, whichever kind of step it is: `services/worker` and `services/ensemble` bring the
// handlers.

import { mkdir, rm } from 'node:fs/promises';
import { BadInputError } from '#core/errors.ts';
import type { MessageBus } from '#platform/bus/message-bus.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { ControllerLink, Progress, SynchronizeRequest } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { HandedOverCredentials } from '#platform/objects/handed-over-credentials.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { requireSameAlgorithm } from './algorithm-mismatch-error.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { keepLease, type Lease } from './keep-lease.ts';
import { contentDigest } from './manifest.ts';
import type { StepDescription } from './step.ts';
import type { StepContext, StepHandlers, StepOutcome } from './step-context.ts';
import { failureOf } from './step-failure.ts';
import { manifestKey } from './step-keys.ts';
import type { StepOutputs } from './step-outputs.ts';
import type { StepStore } from './step-store.ts';
import { StopSwitch } from './stop-switch.ts';

/** What `main` joins together for one attempt at one step. */
export interface StepProgram {
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Version of the program, major.minor.patch. */
  readonly version: string;
  readonly store: StepStore;
  readonly handlers: StepHandlers;
  readonly link: ControllerLink;
  /** Without which `store` and `datasets` wait: the controller hands them over. `null`: they need none. */
  readonly credentials: HandedOverCredentials | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly datasets: (uri: string) => ObjectStore;
  readonly bus: MessageBus;
  /** A folder for this attempt alone: made at the start, removed at the end. */
  readonly scratch: string;
  readonly signals: StopSignals;
}

/** What `main` chooses for the ports. */
export type StepAdapters = Omit<StepProgram, 'step' | 'attempt' | 'handlers' | 'scratch'>;

/** The operating system's and the parent's wish that the process ends; `processSignals` makes them. */
export interface StopSignals {
  /** Save, then end. */
  readonly checkpoint: AbortSignal;
  /** End at once. */
  readonly now: AbortSignal;
}

/**
 * Carries out one attempt at a step.
 *
 * Introduces itself to the controller, and does nothing when that does not want it or when the step is done. Otherwise
 * runs the handler of its kind while keeping the lease with the controller, commits what it made, or leaves behind why it failed. Never rejects.
 *
 * @returns the exit code, one of `EXIT_CODES`. After `stop` or the signal `now` the handler may still be running: exit.
 */
export async function runStepProgram(program: StepProgram): Promise<number> {
  const log = program.log.child({ step: program.step, attempt: program.attempt });
  const running: Running = { ...program, log, stop: new StopSwitch(), progress: NO_PROGRESS };
  running.stop.requestOn(program.signals.checkpoint, 'checkpoint');
  running.stop.requestOn(program.signals.now, 'now');
  const ended = new AbortController();
  try {
    return await Promise.race([attemptStep(running, ended.signal), yieldedNow(running)]);
  } catch (error) {
    return await recordFailure(running, error);
  } finally {
    ended.abort();
    await removeScratch(running);
  }
}

/** A program with what changes while it runs. */
interface Running extends StepProgram {
  readonly stop: StopSwitch;
  progress: Progress;
}

const NO_PROGRESS: Progress = { activity: 'starting', unitsDone: 0, unitsTotal: 0 };

async function attemptStep(running: Running, ended: AbortSignal): Promise<number> {
  const { store, step, attempt, log, stop } = running;
  const introduction = Promise.withResolvers<void>();
  const lease = keepLease(leaseOf(running, introduction.resolve), ended);
  // Before anything is read: a program that is not wanted, of another version say, hears of it before it makes anything,
  // and the store may open only to what the controller hands over.
  await introduction.promise;
  if (stop.requested === 'now' || !(await storeOpens(running))) return EXIT_CODES.yielded;
  if ((await store.manifest(step)) !== undefined) {
    log.info({}, 'step was done already');
    return EXIT_CODES.done;
  }
  const description = await store.description(step);
  requireSameAlgorithm(description.identity);
  await store.begin(step, attempt);
  await mkdir(running.scratch, { recursive: true });
  log.info({ title: description.title }, 'step started');
  const context = contextOf(running, description);
  const outcome = await Promise.race([carryOut(running, context), lease.then(() => never<StepOutcome>())]);
  if (outcome.kind === 'yielded') {
    log.info({}, 'step yielded');
    return EXIT_CODES.yielded;
  }
  const place = await context.output.commit(outcome.result);
  log.info({ place }, 'step done');
  await removeInterim(running);
  return EXIT_CODES.done;
}

const leaseOf = (running: Running, introduced: () => void): Lease => ({
  ...running,
  state: () => stateOf(running),
  handedOver: (credentials) => running.credentials?.take(credentials),
  introduced,
});

/** @returns false when the program is to stop before the store's credentials have come: nothing is begun yet. */
async function storeOpens({ credentials, stop }: Running): Promise<boolean> {
  if (credentials === null) return true;
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  stop.signal.addEventListener('abort', () => resolve(), { once: true });
  if (stop.signal.aborted) resolve();
  return Promise.race([credentials.current().then(() => true), stopped.then(() => false)]);
}

/** Pends for ever; a race with it is a wait for the others. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

async function carryOut({ handlers, stop }: Running, context: StepContext): Promise<StepOutcome> {
  const { kind } = context.description.identity;
  const handler = handlers[kind];
  if (handler === undefined) throw new RangeError(`this program has no handler for ${kind} steps`);
  try {
    const outcome = await handler(context);
    if (outcome.kind === 'yielded' && stop.requested === 'none') {
      throw new Error(`the handler of ${kind} steps yielded without being asked to`);
    }
    return outcome;
  } catch (error) {
    // Whatever was waiting on the stop signal says so by an AbortError.
    if (stop.requested !== 'none' && error instanceof Error && error.name === 'AbortError') return { kind: 'yielded' };
    throw error;
  }
}

async function yieldedNow({ stop, log }: Running): Promise<number> {
  await stop.now;
  log.info({}, 'step stopped at once');
  return EXIT_CODES.yielded;
}

function contextOf(running: Running, description: StepDescription): StepContext {
  const { store, step, attempt, log } = running;
  const output = store.attempt(step, attempt);
  return {
    step,
    attempt,
    description,
    inputs: inputsOf(store, description),
    output,
    store,
    datasets: running.datasets,
    bus: running.bus,
    progress(activity, unitsDone, unitsTotal) {
      running.progress = { activity, unitsDone, unitsTotal };
    },
    async saveCheckpoint(checkpoint) {
      await store.saveCheckpoint(step, attempt, checkpoint);
      log.info({ iteration: checkpoint.iteration }, 'checkpoint saved');
    },
    latestCheckpoint: () => store.latestCheckpoint(step, (err) => log.warn({ err }, 'damaged checkpoint passed over')),
    part: (name, madeFrom, make) =>
      store.part(output, { name, madeFrom }, make, (err) => log.warn({ err }, 'damaged part passed over')),
    stop: running.stop,
    scratch: running.scratch,
    log,
    clock: running.clock,
  };
}

/** Each is verified once: manifests never change, and may be long. */
function inputsOf(store: StepStore, description: StepDescription): StepContext['inputs'] {
  const known = new Map<string, Promise<StepOutputs>>();
  return (name) => {
    const verified = known.get(name) ?? verifiedInputs(store, description, name);
    known.set(name, verified);
    return verified;
  };
}

async function verifiedInputs(store: StepStore, description: StepDescription, name: string): Promise<StepOutputs> {
  const step = description.inputSteps[name];
  const expected = description.identity.inputs[name];
  if (step === undefined || expected === undefined) {
    throw new RangeError(`a ${description.identity.kind} step has no input ${name}`);
  }
  const outputs = await store.outputs(step);
  const digest = contentDigest(outputs.manifest);
  if (digest !== expected) throw new CorruptObjectError(manifestKey(step), `contents ${expected}`, digest);
  return outputs;
}

const stateOf = ({ step, attempt, version, progress, credentials }: Running): SynchronizeRequest => ({
  step,
  attempt,
  workerVersion: version,
  progress,
  credentialsSeconds: credentials?.secondsLeft ?? 0,
});

/**
 * The step is done: what this cannot remove costs room and nothing else. That of other attempts is not ours to remove;
 * the controller does.
 */
async function removeInterim({ store, step, attempt, log }: Running): Promise<void> {
  try {
    await store.removeInterim(step, [attempt]);
  } catch (err) {
    log.warn({ err }, 'checkpoints and parts not removed');
  }
}

/** The next run in this place clears what is left. */
async function removeScratch({ scratch, log }: Running): Promise<void> {
  try {
    await rm(scratch, { recursive: true, force: true });
  } catch (err) {
    log.warn({ err }, 'scratch not removed');
  }
}

async function recordFailure({ store, step, attempt, log }: Running, error: unknown): Promise<number> {
  const failure = failureOf(error);
  log.error({ err: error, code: failure.code }, 'step failed');
  try {
    await store.attempt(step, attempt).fail(failure);
  } catch (err) {
    // As on a full disk: the exit code alone must tell.
    log.error({ err }, 'failure not recorded');
  }
  return error instanceof BadInputError ? EXIT_CODES.badInput : EXIT_CODES.failed;
}

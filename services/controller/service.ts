// The controller: makes what is so what the Tasks want, step by step. Whatever it knows it can learn again, so that it
// may be killed at any moment.

import type { Clock } from '#platform/clock/clock.ts';
import type { SynchronizeRequest, SynchronizeResponse } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { Deletions } from '#platform/tasks/deletions.ts';
import type { TaskEvents } from '#platform/tasks/task-events.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { StepStore } from '#steps/step-store.ts';
import { Actor } from './act.ts';
import { AttemptCredentials, type CredentialIssuer } from './attempt-credentials.ts';
import { type Config, loadConfig } from './config.ts';
import { ControlLoop } from './control-loop.ts';
import type { Controller, ControllerDoor } from './controller.ts';
import { type Goal, needsTraining } from './decide/goal.ts';
import { Departures } from './departures.ts';
import { Observer } from './observe.ts';
import { Reconciler } from './reconciler.ts';
import type { StepSnapshot, TaskSnapshot } from './snapshot.ts';
import { Synchronizer } from './synchronize.ts';

export type { Controller, ControllerDoor, Goal, StepSnapshot, TaskSnapshot };
export { needsTraining };

export interface Adapters {
  readonly tasks: TaskStore;
  readonly objects: ObjectStore;
  /** The folder at a data set's URI. @throws {BadInputError} when there can be none: the Task then fails. */
  readonly datasets: (uri: string) => ObjectStore;
  /** Opens the runner, whose attempts are to be told the address. */
  readonly openRunner: (address: string) => StepRunner;
  /** Opens the gRPC door to those who may come in. */
  readonly serve: (options: {
    readonly address: string;
    readonly synchronize: (request: SynchronizeRequest) => Promise<SynchronizeResponse>;
  }) => Promise<ControllerDoor>;
  /** Of Tasks that take what they stored with them. */
  readonly deletions: Deletions;
  /** Told of what happens to Tasks. */
  readonly events: TaskEvents;
  /** Of credentials for the object store that attempts are handed; `null`: they have keys of their own, or need none. */
  readonly credentials: CredentialIssuer | null;
  /** Of this program, major.minor.patch. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The configuration that an environment describes. */
export const configFrom = loadConfig;

/** Starts the controller. @throws when its door cannot be opened. */
export async function start(config: Config, adapters: Adapters): Promise<Controller> {
  const { clock, log, tasks, objects, datasets, deletions, events, version } = adapters;
  const steps = new StepStore(objects);
  let reconciler: Reconciler | undefined;
  let credentials: AttemptCredentials | undefined;
  const synchronizer = new Synchronizer({
    version,
    leaseSeconds: config.leaseSeconds,
    intervalSeconds: config.synchronizeIntervalSeconds,
    // A worker may ask before there is an answer.
    wishFor: (step, attempt) => reconciler?.wishFor(step, attempt) ?? 'go-on',
    refuse: (step, attempt, failure) => steps.attempt(step, attempt).fail(failure),
    credentialsFor: async (...asked) => (await credentials?.for(...asked)) ?? null,
    clock,
    log,
  });
  const synchronize = (request: SynchronizeRequest) => synchronizer.answer(request);
  const door = await adapters.serve({ address: config.listenAddress, synchronize });
  const runner = adapters.openRunner(door.address);
  const actor = new Actor({ steps, tasks, runner, log });
  const { credentials: issuer } = adapters;
  if (issuer !== null)
    credentials = new AttemptCredentials({
      issuer,
      running: (step) => runner.listOf(step),
      description: (step) => steps.description(step),
      clock,
      log,
    });
  const observer = new Observer(
    {
      tasks,
      objects,
      steps,
      datasets,
      running: (step) => actor.attemptsAt(step),
      reportOf: (step, attempt) => synchronizer.reportOf(step, attempt),
      forgetReports: (step) => synchronizer.forget(step),
    },
    { needsTraining: needsTraining(config.onlySteps), takesInAnew: config.retryFailed },
  );
  reconciler = new Reconciler({ config, tasks, runner, observer, actor, deletions, events, clock, log });
  const departures = new Departures({ deletions, tasks, observer, steps, runner, events, clock, log });
  log.info({ address: door.address, version }, 'controller started');
  return new ControlLoop({ config, tasks, reconciler, departures, actor, runner, door, clock, log });
}

import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Task, TaskManifest, TaskSpec, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { openTrainingEngine } from '#compute/open-training-engine.ts';
import type { MessageBus } from '#platform/bus/message-bus.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { modelName } from '#steps/node-plans.ts';
import { metricsSubjectsOf } from '#steps/step-names.ts';
import { type Controller, type Goal, needsTraining, type TaskSnapshot } from '../../controller/service.ts';
import { type Display, openDisplay } from '../display/display.ts';
import { EpochBoard } from '../display/epoch-board.ts';
import { type Embedded, openHome, type Programs } from '../embedded.ts';
import { DEFAULT_HOME, modelFolder, taskFolder } from '../home.ts';
import { Interruption } from './interruption.ts';
import type { Outcome } from './outcome.ts';
import { type DoneStep, removeOthers, showModel, showTask } from './result-folders.ts';
import { shellQuoted } from './shell-quoted.ts';
import { requireKnownGoal } from './unknown-goal-error.ts';
import { workerCount } from './worker-count.ts';

/** What is to be done, and where. */
export interface Work {
  readonly home: string;
  /** The Task, perhaps from what the home knows of it. */
  readonly manifest: (tasks: TaskStore) => Promise<TaskManifest>;
  /** Throws when what was reached is not what the command needs. */
  readonly requireOf?: ((snapshot: TaskSnapshot) => void) | undefined;
  /** What the home keeps of the Task when that throws, or its plans lead to nothing that the goal names. */
  readonly manifestIfRefused?: (tasks: TaskStore) => Promise<TaskManifest>;
  /** The steps to work towards; `null`: all, and the Model. */
  readonly goal: Goal | null;
  /** Where progress is shown. */
  readonly terminal: NodeJS.WriteStream;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REDRAW_MS = 250;

/**
 * Carries a Task out, or as much of it as the goal asks for, until that is done or has failed, or a person interrupts.
 *
 * @throws {UnknownGoalError} when the plans have no step that the goal names: home and results are then as they were.
 */
export async function carryOut(work: Work, env: Environment, programs?: Programs): Promise<Outcome> {
  await using embedded = await openHome(work.home, env, programs);
  const manifest = await work.manifest(embedded.tasks);
  // Programs that a test brings compute nothing.
  if (programs === undefined && needsTraining(work.goal)) await checkEngine(manifest.spec);
  const before = await remembered(work, embedded.tasks, manifest.metadata.name);
  const task = await embedded.tasks.apply(manifest);
  const modelBefore = await embedded.tasks.getModel(modelName(task));
  const epochs = new EpochBoard();
  const display = openDisplay(work.terminal, epochs);
  await using _metrics = listenToMetrics(embedded.bus, task, epochs);
  const parallel = workerCount(task.spec.workers, availableParallelism());
  await using controller = await embedded.startController(task.metadata.name, parallel, work.goal);
  const { snapshot, interrupted } = await followToItsEnd(controller, task.metadata.name, display, embedded);
  try {
    requireKnownGoal(snapshot, work.goal);
    if (snapshot.goal === 'reached') work.requireOf?.(snapshot);
  } catch (refusal) {
    await restore(embedded.tasks, before);
    throw refusal;
  }
  return {
    snapshot,
    interrupted,
    taskFolder: taskFolder(embedded.home, task.metadata.name),
    modelFolder: await showResults(embedded, snapshot),
    modelBefore: modelBefore ?? null,
    logs: failureLogs(embedded, snapshot),
    homeArgument: work.home === DEFAULT_HOME ? '' : ` --home ${shellQuoted(work.home)}`,
  };
}

/** What a Task is put back to. */
interface Remembered {
  readonly manifest: TaskManifest | undefined;
  readonly status: TaskStatus | undefined;
}

async function remembered({ manifestIfRefused }: Work, tasks: TaskStore, name: string): Promise<Remembered> {
  const known = await tasks.list();
  return {
    manifest: await manifestIfRefused?.(tasks),
    status: known.find(({ metadata }) => metadata.name === name)?.status,
  };
}

async function restore(tasks: TaskStore, { manifest, status }: Remembered): Promise<void> {
  if (manifest === undefined) return;
  const { metadata } = await tasks.apply(manifest);
  if (status !== undefined) await tasks.updateStatus(metadata.name, status);
}

/** @throws {EngineUnavailableError} now, where the first fold would throw it after an hour of preprocessing. */
async function checkEngine({ training, workers }: TaskSpec): Promise<void> {
  await using _engine = await openTrainingEngine({
    engine: training.engine,
    device: 'cpu',
    dtype: training.precision,
    threads: workers.threads,
  });
}

function listenToMetrics(bus: MessageBus, { metadata }: Task, epochs: EpochBoard): AsyncDisposable {
  const listening = new AbortController();
  const listener = (async () => {
    for await (const message of bus.subscribe(metricsSubjectsOf(metadata.uid), listening.signal)) {
      epochs.note(message);
    }
  })();
  // The bus is never truth: without it the table lacks numbers, and the run goes on.
  const quietly = listener.catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      listening.abort();
      await quietly;
    },
  };
}

/** Shows the Task until nothing of it runs any more, for whichever reason. */
async function followToItsEnd(
  controller: Controller,
  name: string,
  display: Display,
  { clock }: Embedded,
): Promise<{ readonly snapshot: TaskSnapshot; readonly interrupted: boolean }> {
  let stopped: Promise<void> | undefined;
  using interruption = new Interruption(process, (wish) => {
    display.say(
      wish === 'checkpoint'
        ? 'Stopping: workers save a checkpoint and end. Ctrl-C again stops them at once.'
        : 'Stopping at once.',
    );
    stopped = controller.stop(wish);
    stopped.catch(() => {});
  });
  for (;;) {
    const snapshot = controller.snapshot(name);
    if (snapshot !== undefined) display.show(snapshot, clock.now());
    if (snapshot !== undefined && isAtItsEnd(snapshot) && stopped === undefined) {
      stopped = controller.stop('checkpoint');
      stopped.catch(() => {});
    }
    const drained = await Promise.race([controller.ended.then(() => true), setTimeout(REDRAW_MS, false)]);
    if (!drained) continue;
    const last = controller.snapshot(name);
    if (last === undefined) throw new Error(`Task ${name} vanished from the home while it ran`);
    display.show(last, clock.now());
    return { snapshot: last, interrupted: interruption.requested };
  }
}

const isAtItsEnd = ({ verdict, goal }: TaskSnapshot): boolean => verdict !== 'working' || goal !== 'ahead';

/** @returns the folder of the model, when this Task's is the newest of its name. */
async function showResults(
  { home, steps, tasks }: Embedded,
  { task, ...snapshot }: TaskSnapshot,
): Promise<string | null> {
  const folder = taskFolder(home, task.metadata.name);
  const done: DoneStep[] = [];
  for (const { state, step, ...node } of snapshot.steps) {
    if (state === 'done' && step !== null) done.push({ ...node, outputs: await steps.outputs(step) });
  }
  await showTask(folder, done);
  // Before the plan is made nobody knows which folds the Task has.
  if (snapshot.steps.some(({ kind }) => kind === 'publish')) await removeOthers(folder, done);
  const { model } = task.status ?? {};
  const outputs = done.find(({ kind }) => kind === 'publish')?.outputs;
  if (model === undefined || outputs === undefined) return null;
  const newest = await tasks.getModel(model.name);
  if (newest?.spec.step !== outputs.manifest.step) return null;
  await showModel(modelFolder(home, model.name), outputs);
  return modelFolder(home, model.name);
}

const failureLogs = ({ logFile }: Embedded, { steps }: TaskSnapshot): string[] =>
  steps.flatMap(({ state, step, attempt }) =>
    state === 'given-up' && step !== null && attempt !== null ? [logFile({ step, attempt })] : [],
  );

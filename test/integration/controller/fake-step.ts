// A step's process without the method: the real life of a process (lease, attempts, checkpoints, commit) around handlers
// that count instead of computing. FAKE_BEHAVIOUR says what goes wrong: a JSON object from a step's title to one of
// `bad-input`, `crash-once`, `fail-once`, `fail`, `slow`; of `ingest` also `few-cases`.

import { fileURLToPath } from 'node:url';
import { BadInputError } from '#core/errors.ts';
import { shapeZyx } from '#core/geometry/axes.ts';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import { trainOptionsSchema } from '#steps/options.ts';
import type { StepContext, StepHandler, StepHandlers } from '#steps/step-context.ts';
import { metricsSubject } from '#steps/step-names.ts';
import { runStepProgram } from '#steps/step-program.ts';
import { StepStore } from '#steps/step-store.ts';
import { anEpochMessage } from '#test/an-epoch.ts';
import {
  FAKE_PREPROCESSING,
  type FakeOutputs,
  fakeEnsemble,
  fakeIngest,
  fakePublication,
  fakeTraining,
} from '#test/fake-outputs.ts';

class FaultyFakeDataError extends BadInputError {
  readonly code = 'FAKE_DATA_FAULTY';
}

const behaviour = (title: string): unknown => JSON.parse(process.env.FAKE_BEHAVIOUR ?? '{}')[title];

const CASES = behaviour('ingest') === 'few-cases' ? 3 : 10;

/** Counts to ten, a checkpoint at each. The weights say how far the attempt that ended had come when it began. */
async function train({
  step,
  latestCheckpoint,
  saveCheckpoint,
  output,
  progress,
  stop,
  clock,
  description,
  bus,
  attempt,
}: StepContext) {
  const begun = (await latestCheckpoint())?.iteration ?? 0;
  const slow = behaviour(description.title) === 'slow';
  const { configuration, fold } = trainOptionsSchema.parse(description.identity.options);
  for (let done = begun; done < 10; done++) {
    if (stop.requested !== 'none') return { kind: 'yielded' } as const;
    await saveCheckpoint({ iteration: done + 1, files: new Map(), facts: null });
    progress(`count ${done + 1} of 10`, done + 1, 10);
    const body = anEpochMessage({ step, attempt, epoch: done, epochs: 10, trainLoss: -done / 10 });
    const subject = metricsSubject({ taskUid: description.task.uid, configuration, fold });
    await bus.publish({ subject, id: `${attempt}-${done}`, body });
    if (slow) await clock.sleep(done < 2 ? 1 : 60_000, stop.signal);
  }
  const { files, result } = fakeTraining(fold);
  for (const [path, text] of Object.entries(files)) await output.writeText(path, text);
  await output.writeText('begun.txt', String(begun));
  return { kind: 'done', result } as const;
}

/** Writes what a step of its kind is made up to have made, and is done. */
const writing =
  ({ files, result }: FakeOutputs): StepHandler =>
  async ({ output }) => {
    for (const [path, text] of Object.entries(files)) await output.writeText(path, text);
    return { kind: 'done', result };
  };

const HANDLERS: StepHandlers = {
  ingest: writing(fakeIngest({ cases: CASES, shape: shapeZyx(32, 48, 48) })),
  preprocess: writing(FAKE_PREPROCESSING),
  train,
  ensemble: writing(fakeEnsemble(['2d'])),
  publish: writing(fakePublication()),
};

function misbehaving(handler: StepHandler): StepHandler {
  return async (context) => {
    const { title } = context.description;
    const wish = behaviour(title);
    if (wish === 'bad-input') throw new FaultyFakeDataError('case case_3 is faulty');
    if (wish === 'fail' || (wish === 'fail-once' && context.attempt === 1)) throw new Error(`${title} had no luck`);
    if (wish === 'crash-once' && context.attempt === 1) process.kill(process.pid, 'SIGKILL');
    return handler(context);
  };
}

const variable = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new RangeError(`${name} is not set`);
  return value;
};

process.exit(
  await runStepProgram({
    step: variable('STEP'),
    attempt: Number(variable('ATTEMPT')),
    version: process.env.FAKE_VERSION ?? '0.1.0',
    store: new StepStore(new DirectoryObjectStore(fileURLToPath(variable('OBJECTS')))),
    handlers: Object.fromEntries(Object.entries(HANDLERS).map(([kind, handler]) => [kind, misbehaving(handler)])),
    link: new GrpcControllerLink({
      address: variable('CONTROLLER_ADDRESS'),
      token: async () => process.env.FAKE_TOKEN ?? variable('CONTROLLER_TOKEN'),
      authority: null,
      timeoutMs: 5000,
    }),
    credentials: null,
    clock: systemClock,
    log: pinoLogger({ level: 'info', file: null }),
    datasets: (uri) => new DirectoryObjectStore(fileURLToPath(uri)),
    bus: new LocalBus({ directory: fileURLToPath(variable('BUS')), clock: systemClock, pollMs: 500 }),
    scratch: `${variable('SCRATCH')}/${variable('STEP')}-${variable('ATTEMPT')}`,
    signals: processSignals(process),
  }),
);

// A step's process without the method: the real life of a process (lease, attempts, checkpoints, commit) around handlers
// that count instead of computing. FAKE_BEHAVIOUR says what goes wrong: a JSON object from a step's title to one of
// `bad-input`, `crash-once`, `fail-once`, `fail`, `slow`; of `ingest` also `few-cases`.

import { fileURLToPath } from 'node:url';
import { BadInputError } from '#core/errors.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { formatFingerprint } from '#formats/fingerprint-json.ts';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { GrpcControllerLink } from '#platform/link/grpc-controller-link.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { processSignals } from '#platform/runner/process-signals.ts';
import type { Cases } from '#steps/cases.ts';
import { trainOptionsSchema } from '#steps/options.ts';
import type { Json } from '#steps/step.ts';
import type { StepContext, StepHandler, StepHandlers } from '#steps/step-context.ts';
import { metricsSubject } from '#steps/step-names.ts';
import { runStepProgram } from '#steps/step-program.ts';
import { StepStore } from '#steps/step-store.ts';
import { anEpochMessage } from '#test/an-epoch.ts';

class FaultyFakeDataError extends BadInputError {
  readonly code = 'FAKE_DATA_FAULTY';
}

const behaviour = (title: string): unknown => JSON.parse(process.env.FAKE_BEHAVIOUR ?? '{}')[title];

const CASE_IDS = Array.from({ length: behaviour('ingest') === 'few-cases' ? 3 : 10 }, (_, i) => `case_${i}`);
const NO_FILE = { path: 'none.nii.gz', sha256: '0'.repeat(64), bytes: 1 };
const BEST = { members: ['2d'], voting: 'soft', meanDice: 0.75 };

const cases: Cases = {
  dataset: {
    name: 'Fake',
    channelNames: ['MRI'],
    labels: [
      { name: 'background', value: 0 },
      { name: 'thing', value: 1 },
    ],
    fileEnding: '.nii.gz',
    numTraining: CASE_IDS.length,
  },
  training: CASE_IDS.map((caseId) => ({ caseId, images: [NO_FILE], label: NO_FILE })),
  test: [],
};

const fingerprint = formatFingerprint({
  spacings: CASE_IDS.map(() => spacingZyx(1, 1, 1)),
  shapesAfterCrop: CASE_IDS.map(() => shapeZyx(32, 48, 48)),
  foregroundIntensities: [{ mean: 1, median: 1, std: 1, min: 0, max: 2, percentile00_5: 0, percentile99_5: 2 }],
  medianRelativeSizeAfterCropping: 1,
});

/** Of a Dice of 0.75. */
const COUNTS = { TP: 3, FP: 1, FN: 1, TN: 5, Dice: 0.75 };

const summaryOf = (caseId: string): string =>
  JSON.stringify({
    foreground_mean: { Dice: 0.75 },
    mean: { 1: { Dice: 0.75 } },
    metric_per_case: [{ metrics: { 1: COUNTS }, prediction_file: caseId, reference_file: caseId }],
  });

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
  await output.writeText('final.safetensors', 'weights');
  await output.writeText('best.safetensors', 'best weights');
  await output.writeText('metrics.jsonl', '');
  const caseId = `case_${fold}`;
  await output.writeText('validation/summary.json', summaryOf(caseId));
  await output.writeText(`validation/${caseId}.nii.gz`, `label map of ${caseId}`);
  await output.writeText('begun.txt', String(begun));
  return { kind: 'done', result: { meanDice: 0.75, seconds: 1 } } as const;
}

/** Writes texts and is done. */
const writing =
  (result: Json, files: Readonly<Record<string, string>>): StepHandler =>
  async ({ output }) => {
    for (const [path, text] of Object.entries(files)) await output.writeText(path, text);
    return { kind: 'done', result };
  };

const HANDLERS: StepHandlers = {
  ingest: writing(
    {
      trainingCases: CASE_IDS.length,
      warnings: { total: 1, first: [{ caseId: 'case_4', message: 'the label holds background only' }] },
    },
    { 'cases.json': JSON.stringify(cases), 'dataset_fingerprint.json': fingerprint, 'dataset.json': '{}' },
  ),
  preprocess: writing(null, {}),
  train,
  ensemble: writing(
    { ranking: [BEST], configurations: [{ name: '2d', meanDice: 0.75 }] },
    { 'ranking.json': '[]', 'postprocessing.json': '{}' },
  ),
  publish: writing({ best: BEST }, { 'model.json': '{}', '2d/fold_0.safetensors': 'weights' }),
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

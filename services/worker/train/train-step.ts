import type { Engine, EngineRequest, Network } from '#compute/engine.ts';
import { inParallel } from '#core/in-parallel.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { encodeSafetensors } from '#formats/safetensors.ts';
import { formatMetrics } from '#steps/epoch-metrics.ts';
import type { TrainResult } from '#steps/results.ts';
import type { StepContext, StepHandler } from '#steps/step-context.ts';
import { CaseCache, type UnpackedCase } from './case-cache.ts';
import { validateFold, validationUnits } from './final-validation.ts';
import { type Fold, readFold } from './fold.ts';
import { FoldBatches } from './fold-batches.ts';
import { decodeFoldCheckpoint, encodeFoldCheckpoint } from './fold-checkpoint.ts';
import { nextUnit, unitsTotal } from './fold-run.ts';
import { requireSameNumerics } from './numerics-mismatch-error.ts';
import { startOfFold } from './start-of-fold.ts';
import { type FoldProgress, trainEpochs } from './train-epochs.ts';
import { trainingSetup } from './training-setup.ts';

/** Where a fold trains: nothing of it decides the result. */
export interface TrainingPlace {
  readonly openEngine: (request: EngineRequest) => Promise<Engine>;
  readonly device: EngineRequest['device'];
  /** Folder of unpacked cases, shared by the workers of a machine. */
  readonly cacheFolder: string;
  readonly cacheBytes: number;
}

/**
 * Trains one fold and validates it.
 *
 * Goes on from the newest checkpoint of any attempt, and ends with the same weights as if it had never stopped.
 *
 * @throws {NumericsMismatchError} when the checkpoint was made by other arithmetic.
 */
export const trainStep =
  (place: TrainingPlace): StepHandler =>
  async (context) => {
    const fold = await readFold(context);
    await using engine = await place.openEngine({ ...askedNumerics(context), device: place.device });
    await using network = await engine.compile(fold.graph);
    const begun = await resumeOrStart(context, fold, engine, network);
    const trained = await trainNetwork(context, place, fold, engine, network, begun);
    if (trained === 'yielded') return { kind: 'yielded' };
    const { sha256: weightsDigest } = await context.output.write(
      'final.safetensors',
      encodeSafetensors(await network.weights()),
    );
    await context.output.write('best.safetensors', encodeSafetensors(trained.bestWeights));
    await context.output.writeText('metrics.jsonl', formatMetrics(trained.run.metrics));
    const summary = await validateFold(context, fold, { network, weightsDigest }, unitsTotal(fold.options));
    if (summary === 'yielded') return { kind: 'yielded' };
    const { dice } = summary.foregroundMean;
    const result: TrainResult = { meanDice: Number.isNaN(dice) ? null : dice };
    return { kind: 'done', result };
  };

function askedNumerics({ description }: StepContext): Pick<EngineRequest, 'engine' | 'dtype' | 'threads'> {
  const { numerics } = description.identity;
  if (numerics === null) throw new RangeError('a train step needs numerics in its identity');
  return numerics;
}

interface Begun extends FoldProgress {
  /** `null` at the very start. */
  readonly optimizerState: Tensors | null;
}

/** Gives the network its weights. */
async function resumeOrStart(context: StepContext, fold: Fold, engine: Engine, network: Network): Promise<Begun> {
  const stored = await context.latestCheckpoint();
  if (stored === undefined) {
    const { weights, ...start } = await startOfFold(context, fold);
    await network.setWeights(weights);
    context.log.info({ numerics: engine.numerics, epoch: start.run.epoch }, 'training started');
    return { ...start, optimizerState: null };
  }
  const { run, numerics, weights, bestWeights, optimizerState } = decodeFoldCheckpoint(stored);
  requireSameNumerics(numerics, engine.numerics);
  await network.setWeights(weights);
  context.log.info({ epoch: run.epoch, fromAttempt: stored.attempt }, 'training resumed');
  return { run, bestWeights, optimizerState };
}

/** All epochs that are left. The last checkpoint holds the final weights, so that validation can be resumed. */
async function trainNetwork(
  context: StepContext,
  place: TrainingPlace,
  fold: Fold,
  engine: Engine,
  network: Network,
  { optimizerState, ...begun }: Begun,
): Promise<FoldProgress | 'yielded'> {
  const { options, configuration } = fold;
  if (nextUnit(begun.run, options).kind === 'finished') return begun;
  const batches = await openCases(context, place, fold);
  if (batches === 'yielded') return 'yielded';
  await using training = await network.train(
    trainingSetup(configuration, { ...options, dtype: engine.numerics.dtype }, fold.labels),
    batches.cases,
  );
  if (optimizerState !== null) await training.setOptimizerState(optimizerState);
  const weights = () => network.weights();
  const save = async (reached: FoldProgress) => {
    const checkpoint = {
      ...reached,
      numerics: engine.numerics,
      weights: await weights(),
      optimizerState: await training.optimizerState(),
    };
    await context.saveCheckpoint(encodeFoldCheckpoint(checkpoint, options));
  };
  const total = unitsTotal(options) + validationUnits(fold.validation.length);
  const trained = await trainEpochs({ context, fold, batches, training, weights, unitsTotal: total, save }, begun);
  if (trained !== 'yielded') await save(trained);
  return trained;
}

/** Two cases, packed and unpacked, take no more memory than what `demandOf` reckons with. */
const UNPACKED_AT_ONCE = 2;

async function openCases(context: StepContext, place: TrainingPlace, fold: Fold): Promise<FoldBatches | 'yielded'> {
  const cache = new CaseCache({ folder: place.cacheFolder, maximumBytes: place.cacheBytes, clock: context.clock });
  const validation = fold.validation.map(({ caseId }) => caseId);
  const open = async (caseId: string): Promise<UnpackedCase | null> => {
    if (context.stop.requested !== 'none') return null;
    const { training, classLocations } = await cache.open(caseId, fold.preprocessed);
    const previousStagePath = fold.previousStage && (await fold.previousStage.unpack(caseId, context.scratch));
    return { training: { ...training, previousStagePath }, classLocations };
  };
  const all = await inParallel([...fold.training, ...validation], open, UNPACKED_AT_ONCE);
  const opened = all.filter((one) => one !== null);
  if (opened.length < all.length) return 'yielded';
  const { length } = fold.training;
  return new FoldBatches(fold, opened.slice(0, length), opened.slice(length));
}

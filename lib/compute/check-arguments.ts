// What an engine is asked must fit its network: checked here, the same for every engine, before one computes. Native code
// relies on it: a wrong extent there is a wrong address.

import { product } from '#core/geometry/axes.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { outputExtents } from '#core/network/output-extents.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { AugmentationPlan, BatchPlan, PreviousStagePlan, SpatialPlan } from '#core/training/batch-plan.ts';
import type { TargetLabels, TrainingSetup } from '#core/training/loss-options.ts';
import { knownLabels } from '#core/training/target-reader.ts';
import type { GatheredBatch, TrainingCase } from './engine.ts';

/** Labels are stored as int16. */
const mostLabel = 32_767;

/** @param input (N, C, ...spatial). @throws {RangeError} */
export function checkInput({ dimensions, inputChannels, divisor }: NetworkGraph, input: Tensor): void {
  const [samples = 0, channels, ...spatial] = input.shape;
  if (spatial.length !== dimensions)
    throw new RangeError(`expected an input of ${dimensions} spatial axes, got shape [${input.shape}]`);
  if (channels !== inputChannels)
    throw new RangeError(`expected an input of ${inputChannels} channels, got ${channels}`);
  if (samples < 1) throw new RangeError(`expected an input of at least 1 sample, got ${samples}`);
  checkExtent('input', spatial, divisor);
  checkLength('input', input.shape, input.data.length);
}

function checkExtent(what: string, spatial: readonly number[], divisor: readonly number[]): void {
  for (const [axis, extent] of spatial.entries()) {
    if (!Number.isInteger(extent) || extent < 1 || extent % (divisor[axis] ?? 1) !== 0)
      throw new RangeError(`${what} extent ${extent} of axis ${axis} is not a multiple of ${divisor[axis]}`);
  }
}

function checkLength(what: string, shape: readonly number[], length: number): void {
  if (product(shape) !== length)
    throw new RangeError(`expected ${product(shape)} values of ${what} for shape [${shape}], got ${length}`);
}

/** @param image (C, z, y, x). @throws {RangeError} */
export function checkTiles(graph: NetworkGraph, image: Tensor, tiles: TilePlan): void {
  const { tileSize, starts, weight, mirrorAxes } = tiles;
  const [channels, ...shape] = image.shape;
  if (shape.length !== 3) throw new RangeError(`expected an image (C, z, y, x), got shape [${image.shape}]`);
  if (channels !== graph.inputChannels)
    throw new RangeError(`expected an image of ${graph.inputChannels} channels, got ${channels}`);
  checkLength('image', image.shape, image.data.length);
  if (tileSize.length !== graph.dimensions || starts.length !== graph.dimensions)
    throw new RangeError(`expected tiles of ${graph.dimensions} axes, got ${tileSize.length}`);
  checkExtent('tile', tileSize, graph.divisor);
  checkLength('tile weight', tileSize, weight.length);
  for (const [axis, tile] of tileSize.entries()) {
    const extent = shape[3 - tileSize.length + axis] ?? 0;
    if (extent < tile)
      throw new RangeError(`image extent ${extent} is smaller than the tile ${tile}; pad the image first`);
    for (const start of starts[axis] ?? [])
      if (!Number.isInteger(start) || start < 0 || start + tile > extent)
        throw new RangeError(`tile start ${start} of axis ${axis} leaves the image of extent ${extent}`);
  }
  checkAxes('mirror', mirrorAxes, tileSize.length);
}

function checkAxes(what: string, axes: readonly number[], count: number): void {
  for (const axis of axes)
    if (!Number.isInteger(axis) || axis < 0 || axis >= count)
      throw new RangeError(`${what} axis ${axis} is not one of ${count}`);
}

/** @throws {RangeError} */
export function checkSetup(graph: NetworkGraph, setup: TrainingSetup, cases: readonly TrainingCase[]): void {
  checkTargetLabels(graph, setup.loss.labels);
  const { outputs } = graph;
  const weights = setup.loss.deepSupervisionWeights;
  if (weights.length !== outputs.length)
    throw new RangeError(`expected ${outputs.length} deep supervision weights, one per output, got ${weights.length}`);
  if (!((weights[0] ?? 0) > 0))
    throw new RangeError(`expected a weight above 0 for the output of highest resolution, got ${weights[0]}`);
  for (const label of setup.previousStageLabels)
    if (!Number.isInteger(label) || label < 1 || label > mostLabel)
      throw new RangeError(`expected labels 1 to ${mostLabel} of a previous stage, got ${label}`);
  for (const one of cases) checkCase(graph, setup, one);
}

function checkCase({ inputChannels }: NetworkGraph, { previousStageLabels }: TrainingSetup, one: TrainingCase): void {
  const { caseId, channels, previousStagePath } = one;
  const expected = inputChannels - previousStageLabels.length;
  if (channels !== expected) throw new RangeError(`case ${caseId}: expected ${expected} channels, got ${channels}`);
  if (previousStageLabels.length > 0 && previousStagePath === null)
    throw new RangeError(`case ${caseId}: the training has labels of a previous stage, but the case has none`);
  if (previousStageLabels.length === 0 && previousStagePath !== null)
    throw new RangeError(`case ${caseId}: the case has a previous stage, but the training has no labels of one`);
}

function checkTargetLabels({ heads }: NetworkGraph, { regions, ignore }: TargetLabels): void {
  if (regions && regions.length !== heads)
    throw new RangeError(`expected ${heads} regions, one per head, got ${regions.length}`);
  const strange = [...(regions?.flat() ?? []), ...(ignore === null ? [] : [ignore])].find(
    (label) => !Number.isInteger(label) || label < 0 || label > mostLabel,
  );
  if (strange !== undefined) throw new RangeError(`expected labels 0 to ${mostLabel}, got ${strange}`);
  if (ignore !== null && knownLabels({ regions, ignore: null }, heads).has(ignore))
    throw new RangeError(`the label to ignore, ${ignore}, is one that counts too`);
}

/** @throws {RangeError} */
export function checkBatch(graph: NetworkGraph, labels: TargetLabels, { image, targets }: GatheredBatch): void {
  checkInput(graph, image);
  const [samples = 0, , ...spatial] = image.shape;
  const extents = outputExtents(graph, spatial);
  if (targets.length !== extents.length)
    throw new RangeError(`expected ${extents.length} targets, one per output, got ${targets.length}`);
  const known = knownLabels(labels, graph.heads);
  for (const [k, { shape, data }] of targets.entries()) {
    const expected = [samples, ...(extents[k] ?? [])];
    if (shape.join() !== expected.join())
      throw new RangeError(`expected target ${k} of shape [${expected}], got [${shape}]`);
    checkLength(`target ${k}`, shape, data.length);
    const stranger = data.find((label) => !known.has(label));
    if (stranger !== undefined)
      throw new RangeError(`expected labels ${[...known].join(', ')} in target ${k}, got ${stranger}`);
  }
}

/** @throws {RangeError} */
export function checkPlan(graph: NetworkGraph, setup: TrainingSetup, plan: BatchPlan, cases: number): void {
  if (plan.patchSize.length !== graph.dimensions || plan.initialPatchSize.length !== graph.dimensions)
    throw new RangeError(`expected patches of ${graph.dimensions} axes, got ${plan.patchSize.length}`);
  checkExtent('patch', plan.patchSize, graph.divisor);
  if (plan.samples.length === 0) throw new RangeError('the batch has no sample');
  const labels = setup.previousStageLabels.length;
  for (const { caseIndex, augmentation } of plan.samples) {
    if (!Number.isInteger(caseIndex) || caseIndex < 0 || caseIndex >= cases)
      throw new RangeError(`the batch names case ${caseIndex}, the training has ${cases} cases`);
    if (!augmentation) continue;
    checkAugmentation(augmentation, graph.dimensions, graph.inputChannels - labels);
    if (augmentation.previousStage) checkPreviousStage(augmentation.previousStage, labels);
  }
}

function checkPreviousStage({ operators, removals }: PreviousStagePlan, labels: number): void {
  if (labels === 0) throw new RangeError('the plan changes labels of a previous stage, but the training has none');
  for (const { channel } of [...operators, ...removals])
    if (!Number.isInteger(channel) || channel < 0 || channel >= labels)
      throw new RangeError(`channel ${channel} of a previous stage is not one of ${labels}`);
  for (const { radius } of operators)
    if (!(radius > 0 && Number.isFinite(radius))) throw new RangeError(`expected a radius above 0, got ${radius}`);
  for (const { pick } of removals)
    if (!(pick >= 0 && pick < 1)) throw new RangeError(`expected a pick from 0 to below 1, got ${pick}`);
}

function checkAugmentation(plan: AugmentationPlan, axes: number, channels: number): void {
  const perChannel = {
    blur: plan.blur,
    brightness: plan.brightness,
    contrast: plan.contrast,
    lowResolution: plan.lowResolution?.zoom ?? null,
    gammaInverted: plan.gammaInverted,
    gamma: plan.gamma,
  };
  for (const [name, values] of Object.entries(perChannel))
    if (values && values.length !== channels)
      throw new RangeError(`expected ${name} of ${channels} channels, got ${values.length}`);
  for (const sigmas of plan.blur ?? [])
    if (sigmas && sigmas.length !== axes) throw new RangeError(`expected blur of ${axes} axes, got ${sigmas.length}`);
  if (plan.spatial) checkSpatial(plan.spatial, axes);
  checkAxes('mirror', plan.mirrorAxes, axes);
  for (const channel of plan.maskedChannels)
    if (!(channel >= 0 && channel < channels))
      throw new RangeError(`masked channel ${channel} is not one of ${channels}`);
}

function checkSpatial({ matrix, dummy2d, elastic }: SpatialPlan, axes: number): void {
  const d = dummy2d ? 2 : axes;
  if (matrix.length !== d * d)
    throw new RangeError(`expected a spatial matrix of ${d * d} entries, got ${matrix.length}`);
  if (!elastic) return;
  const { amplitude, sigma } = elastic;
  if (!Number.isFinite(amplitude))
    throw new RangeError(`expected a finite amplitude of displacement, got ${amplitude}`);
  if (!(sigma > 0 && Number.isFinite(sigma)))
    throw new RangeError(`expected a sigma of displacement above 0, got ${sigma}`);
}

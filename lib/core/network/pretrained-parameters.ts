import { BadInputError } from '#core/errors.ts';
import type { Architecture, ConfigurationPlan } from '#core/planning/plans.ts';
import type { Tensor, Tensors } from './tensor.ts';

/** Thrown for weights to start from that belong to another network, or to one that was planned for other patches. */
export class PretrainedWeightsMismatchError extends BadInputError {
  readonly code = 'PRETRAINED_WEIGHTS_MISMATCH';

  constructor(expected: string, got: string, advice = 'take weights of a network with the same plans') {
    super(`the pretrained weights do not fit: expected ${expected}, got ${got}; ${advice}`);
  }
}

/** The segmentation heads, one per decoder level: they speak of the labels of their own data set. */
const isHead = (name: string): boolean => name.includes('.seg_layers.');

/**
 * Parameters to start from: the pretrained ones, but for the segmentation heads, which stay as they were drawn.
 *
 * nnU-Net passes over weights that its network lacks; here they are refused, for they come from another network.
 *
 * @param initial all parameters of the graph.
 * @param pretrained by the graph's names; heads of any shape, or none.
 * @throws {PretrainedWeightsMismatchError} naming the first parameter that is missing, too many, or of another shape.
 * @see nnU-Net v2, run/load_pretrained_weights.py
 */
export function withPretrained(initial: Tensors, pretrained: Tensors): Tensors {
  const foreign = [...pretrained.keys()].find((name) => !isHead(name) && !initial.has(name));
  if (foreign !== undefined) throw new PretrainedWeightsMismatchError('no parameter of that name', foreign);
  return new Map([...initial].map(([name, own]) => [name, isHead(name) ? own : fitting(name, own, pretrained)]));
}

function fitting(name: string, { shape }: Tensor, pretrained: Tensors): Tensor {
  const found = pretrained.get(name);
  if (found?.shape.join() === shape.join()) return found;
  const got = found === undefined ? 'none of that name' : `one of shape ${found.shape.join(' x ')}`;
  throw new PretrainedWeightsMismatchError(`parameter ${name} of shape ${shape.join(' x ')}`, got);
}

/** What of a configuration decides whether weights can be carried over. */
export type PretrainedPlan = Pick<ConfigurationPlan, 'name' | 'patchSize' | 'architecture'>;

/** Of an architecture, in the order in which a difference is told. How many convolutions there are the shapes tell. */
const TOPOLOGY = [
  'kind',
  'dimensions',
  'featuresPerStage',
  'kernelSizes',
  'strides',
] as const satisfies readonly (keyof Architecture)[];

/**
 * Compares the plans of two trainings, where the shapes of weights say too little: strides, and the size of a patch.
 *
 * @throws {PretrainedWeightsMismatchError} naming the first difference.
 */
export function requireSamePlan(own: PretrainedPlan, pretrained: PretrainedPlan): void {
  const differing = TOPOLOGY.find((key) => inWords(own.architecture[key]) !== inWords(pretrained.architecture[key]));
  if (differing !== undefined)
    throw new PretrainedWeightsMismatchError(
      `a network with ${differing} ${inWords(own.architecture[differing])}`,
      inWords(pretrained.architecture[differing]),
    );
  if (inWords(own.patchSize) !== inWords(pretrained.patchSize))
    throw new PretrainedWeightsMismatchError(
      `those of a training on patches of ${inWords(own.patchSize)}`,
      inWords(pretrained.patchSize),
      `set planner.overrides.${own.name}.patchSize to ${inWords(pretrained.patchSize)}`,
    );
}

const inWords = (value: unknown): string => JSON.stringify(value).replaceAll(',', ', ').replaceAll('"', '');

// Weights to start a training from: a file of weights, a checkpoint of nnU-Net v2, or the folder of a model.

import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import type { PretrainedPlan } from '#core/network/pretrained-parameters.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { sha256 } from '#formats/digest.ts';
import { parseNnunetCheckpoint } from '#formats/nnunet-checkpoint.ts';
import { parsePlansOf } from '#formats/plans-of-configuration.ts';
import { decodeSafetensors } from '#formats/safetensors.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { ModelFolder, weightsPath } from './model-folder.ts';

/** Thrown when there are no weights where a Task says, or what is there is not understood. */
export class PretrainedWeightsUnusableError extends BadInputError {
  readonly code = 'PRETRAINED_WEIGHTS_UNUSABLE';
}

/** The folder at a URI. */
export type OpenFolder = (uri: string) => Pick<ObjectStore, 'get'>;

export interface PretrainedWeights {
  /** SHA-256 of the file that holds them. */
  readonly digest: string;
  /**
   * By the graph's names, with the plan that they were trained by where the source has it.
   *
   * @throws {PretrainedWeightsUnusableError} naming the URI and what is wrong there.
   */
  load(): Promise<{ readonly weights: Tensors; readonly plan: PretrainedPlan | null }>;
}

/**
 * Finds the weights for a configuration.
 *
 * @param uri of a `.safetensors` file with our parameter names, of a `.pth` of nnU-Net v2, or of a model's folder. Of a
 *   model the first of its folds is taken.
 * @throws {PretrainedWeightsUnusableError} when there is nothing at the URI, or a model that is damaged or lacks the
 *   configuration.
 */
export async function findPretrained(open: OpenFolder, uri: string, configuration: string): Promise<PretrainedWeights> {
  const named = `spec.training.pretrainedWeights.${configuration}: ${uri}`;
  const folder = open(uri);
  if ((await folder.get('model.json')) !== undefined) return ofModel(folder, configuration, named);
  const slash = uri.lastIndexOf('/');
  const name = decodeURIComponent(uri.slice(slash + 1));
  const bytes = name === '' ? undefined : await open(uri.slice(0, slash + 1)).get(name);
  if (bytes === undefined)
    throw new PretrainedWeightsUnusableError(
      `${named} is not there; expected a .safetensors or .pth file or the folder of a model`,
    );
  const load = async () => {
    if (name.endsWith('.pth')) return understood(`${named} is no checkpoint of nnU-Net v2`, () => ofNnunet(bytes));
    return understood(`${named} is no file of weights`, () => ofSafetensors(bytes));
  };
  return { digest: sha256(bytes), load };
}

type Loaded = Awaited<ReturnType<PretrainedWeights['load']>>;

async function ofModel(
  folder: Pick<ObjectStore, 'get'>,
  configuration: string,
  named: string,
): Promise<PretrainedWeights> {
  const model = await understood(`${named} cannot be started from`, () => ModelFolder.open((path) => folder.get(path)));
  const path = weightsPath(configuration, model.inference.folds[0] ?? 0);
  const listed = model.description.files[path];
  if (listed === undefined)
    throw new PretrainedWeightsUnusableError(
      `${named} has no weights of ${configuration}; it is a model with ${model.inference.members.join(', ')}`,
    );
  const load = async (): Promise<Loaded> => ({
    weights: decodeSafetensors(await model.file(path)).tensors,
    plan: model.configuration(configuration),
  });
  return { digest: listed.sha256, load: () => understood(`${named} cannot be started from`, load) };
}

const ofSafetensors = (bytes: Uint8Array): Loaded => ({ weights: decodeSafetensors(bytes).tensors, plan: null });

function ofNnunet(bytes: Uint8Array): Loaded {
  const { weights, configuration, plansJson } = parseNnunetCheckpoint(bytes);
  // Of a cascade the stages before come first.
  const plan = parsePlansOf(plansJson, configuration).configurations.find(({ name }) => name === configuration);
  return {
    weights: new Map([...weights].map(([name, tensor]) => [name, tensor.toFloat32()])),
    plan: plan ?? null,
  };
}

/** What `read` gives; where the content is refused, says so of the weights that were named. */
async function understood<T>(refusal: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof RangeError || cause instanceof BadInputError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new PretrainedWeightsUnusableError(`${refusal}: ${reason}`, { cause });
  }
}

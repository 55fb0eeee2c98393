import * as z from 'zod';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { PentafoldError } from '#core/errors.ts';
import type { Tensors } from '#core/network/tensor.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import type { FoldName } from '#core/training/folds.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { sha256 } from '#formats/digest.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { decodeSafetensors } from '#formats/safetensors.ts';
import { type Inference, inferenceSchema } from './inference-json.ts';
import { type ModelDescription, modelSchema } from './model-json.ts';
import { UnusableModelError } from './unusable-model-error.ts';

/** Bytes of a file of the model by its path below the model's folder, or `undefined` when there is none. */
export type ModelReader = (path: string) => Promise<Uint8Array | undefined>;

/** A published model as it lies in its folder. What is read is checked against the digests in `model.json`. */
export class ModelFolder {
  /** SHA-256 of `model.json`, which states that of every other file. */
  readonly digest: string;
  readonly description: ModelDescription;
  readonly inference: Inference;
  readonly plans: Plans;
  readonly dataset: DatasetDescription;
  readonly #read: ModelReader;

  private constructor(read: ModelReader, digest: string, description: ModelDescription, parts: ModelParts) {
    this.#read = read;
    this.digest = digest;
    this.description = description;
    this.inference = parts.inference;
    this.plans = parts.plans;
    this.dataset = parts.dataset;
  }

  /** @throws {UnusableModelError} naming the file that is missing, damaged or not understood. */
  static async open(read: ModelReader): Promise<ModelFolder> {
    const unverified = await read('model.json');
    if (unverified === undefined) throw new UnusableModelError('the folder has no model.json, so it is not a model');
    const description = parse('model.json', unverified, (text) => modelSchema.parse(JSON.parse(text)));
    const verified = (path: string) => readVerified(read, description, path);
    return new ModelFolder(read, sha256(unverified), description, {
      inference: parse('inference.json', await verified('inference.json'), (text) =>
        inferenceSchema.parse(JSON.parse(text)),
      ),
      plans: parse('plans.json', await verified('plans.json'), parsePlans),
      dataset: parse('dataset.json', await verified('dataset.json'), (text) => parseDatasetJson(text).description),
    });
  }

  /** The plan of a configuration. @throws {UnusableModelError} if the plans lack it. */
  configuration(name: string): ConfigurationPlan {
    const configuration = this.plans.configurations.find((plan) => plan.name === name);
    if (configuration === undefined) throw new UnusableModelError(`plans.json has no configuration ${name}`);
    return configuration;
  }

  /** The trained weights of one fold of a member. @throws {UnusableModelError} for best weights that it does not carry. */
  async weights(configuration: string, fold: FoldName, checkpoint: CheckpointName = 'final'): Promise<Tensors> {
    if (!this.checkpoints(configuration, fold).includes(checkpoint))
      throw new UnusableModelError(
        `the model has no best weights of ${configuration}, fold ${fold}, only final ones; predict with those`,
      );
    return decodeSafetensors(await this.file(weightsPath(configuration, fold, checkpoint))).tensors;
  }

  /** Of a fold, the weights that the model carries: always the final ones, and the best unless it came without them. */
  checkpoints(configuration: string, fold: FoldName): readonly CheckpointName[] {
    return CHECKPOINTS.filter((name) => name === 'final' || this.has(weightsPath(configuration, fold, name)));
  }

  /** Whether `model.json` lists a file. */
  has(path: string): boolean {
    return Object.hasOwn(this.description.files, path);
  }

  /** Bytes of a file that `model.json` lists. @throws {UnusableModelError} if they are not those that were published. */
  file(path: string): Promise<Uint8Array> {
    return readVerified(this.#read, this.description, path);
  }
}

/** Weights after the last epoch, or after the one with the highest moving average of the pseudo Dice. */
export const CHECKPOINTS = ['final', 'best'] as const;

/** Which weights of a fold. */
export type CheckpointName = (typeof CHECKPOINTS)[number];

/** Where the weights of a fold lie in a model's folder. */
export const weightsPath = (configuration: string, fold: FoldName, checkpoint: CheckpointName = 'final'): string =>
  `${configuration}/fold_${fold}${checkpoint === 'final' ? '' : `.${checkpoint}`}.safetensors`;

interface ModelParts {
  readonly inference: Inference;
  readonly plans: Plans;
  readonly dataset: DatasetDescription;
}

async function readVerified(read: ModelReader, description: ModelDescription, path: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (bytes === undefined) throw new UnusableModelError(`${path} is missing`);
  const stated = Object.hasOwn(description.files, path) ? description.files[path] : undefined;
  if (stated === undefined) throw new UnusableModelError(`model.json does not list ${path}`);
  if (sha256(bytes) !== stated.sha256)
    throw new UnusableModelError(
      `${path} is not the file that was published: its SHA-256 differs; copy the model again`,
    );
  return bytes;
}

/** Reads a file's text, saying which file it was when that fails. */
function parse<T>(path: string, bytes: Uint8Array, read: (text: string) => T): T {
  try {
    return read(new TextDecoder().decode(bytes));
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError || cause instanceof PentafoldError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new UnusableModelError(`${path} is not understood: ${reason}`, { cause });
  }
}

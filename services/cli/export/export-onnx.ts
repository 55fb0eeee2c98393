import { labelScheme } from '#core/dataset/labels.ts';
import { BadInputError } from '#core/errors.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { FoldName } from '#core/training/folds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { encodeOnnx } from '#formats/onnx.ts';
import { FoldNotFoundError } from '#prediction/inference-choice.ts';
import type { ModelFolder } from '#prediction/model-folder.ts';

/** Thrown when a configuration is asked of a model that does not have it, or none of several. */
export class ConfigurationNotInModelError extends BadInputError {
  readonly code = 'CONFIGURATION_NOT_IN_MODEL';
}

export interface OnnxRequest {
  /** `null`: the model's only one. */
  readonly configuration: string | null;
  /** `null`: the model's first. */
  readonly fold: FoldName | null;
  readonly out: string;
  /** Of this program, major.minor.patch. */
  readonly codeVersion: string;
}

/**
 * Writes the network of one fold as ONNX. What comes before and after it is not in the file: its properties hold the plans
 * and the labels.
 *
 * @throws {ConfigurationNotInModelError} @throws {FoldNotFoundError} naming what the model has.
 */
export async function exportOnnx(model: ModelFolder, request: OnnxRequest): Promise<OnnxRequest> {
  const { members, folds } = model.inference;
  const configuration = chosenConfiguration(members, request.configuration);
  const fold = request.fold ?? folds[0] ?? 0;
  if (!folds.includes(fold)) throw new FoldNotFoundError([fold], folds);
  const { architecture } = model.configuration(configuration);
  const graph = buildNetwork(architecture, model.dataset.channelNames.length, labelScheme(model.dataset).heads);
  const metadata = {
    configuration,
    fold: String(fold),
    'plans.json': Buffer.from(await model.file('plans.json')).toString(),
    'dataset.json': Buffer.from(await model.file('dataset.json')).toString(),
  };
  const weights = await model.weights(configuration, fold);
  await writeDurably(request.out, encodeOnnx(graph, weights, { producerVersion: request.codeVersion, metadata }));
  return { ...request, configuration, fold };
}

function chosenConfiguration(members: readonly string[], wish: string | null): string {
  const [only, ...others] = members;
  if (wish === null && only !== undefined && others.length === 0) return only;
  if (wish !== null && members.includes(wish)) return wish;
  const asked = wish === null ? 'say which' : `not ${wish}`;
  throw new ConfigurationNotInModelError(`the model has the configurations ${members.join(', ')}; ${asked}`);
}

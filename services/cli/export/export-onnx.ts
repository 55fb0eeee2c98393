import { BadInputError } from '#core/errors.ts';
import { networkOf } from '#core/network/network-of.ts';
import { withPreviousStages } from '#core/planning/stages.ts';
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
  /** `null`: the model's only member. */
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
  const { folds } = model.inference;
  const configuration = chosenConfiguration(model, request.configuration);
  const fold = request.fold ?? folds[0] ?? 0;
  if (!folds.includes(fold)) throw new FoldNotFoundError([fold], folds);
  const graph = networkOf(model.configuration(configuration), model.dataset);
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

/** A member, or by name also a stage that one builds on. */
function chosenConfiguration({ inference, plans }: ModelFolder, wish: string | null): string {
  const [only, ...others] = inference.members;
  if (wish === null && only !== undefined && others.length === 0) return only;
  const all = withPreviousStages(inference.members, plans.configurations);
  if (wish !== null && all.includes(wish)) return wish;
  const asked = wish === null ? 'say which' : `not ${wish}`;
  throw new ConfigurationNotInModelError(`the model has the configurations ${all.join(', ')}; ${asked}`);
}

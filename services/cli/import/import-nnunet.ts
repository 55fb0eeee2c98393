import { encodeJson } from '#formats/indented-json.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { encodeSafetensors } from '#formats/safetensors.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { weightsPath } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import type { Home } from '../home.ts';
import { addModel } from '../models/new-model.ts';
import { type NnunetFolderRequest, type NnunetResults, readNnunetFolder } from './nnunet-folder.ts';

export interface NnunetImport extends NnunetFolderRequest {
  readonly name: string;
  readonly home: Home;
  /** Of this program, major.minor.patch. */
  readonly codeVersion: string;
}

/** Puts what nnU-Net trained into the home as a model that predicts as nnU-Net does. */
export const importNnunet = (request: NnunetImport): Promise<{ folder: string; model: ModelDescription }> =>
  addModel(request.home, request.name, async (add) => {
    const results = await readNnunetFolder(request);
    await add('plans.json', Buffer.from(formatPlans(results.plans)));
    await add('dataset.json', results.datasetJson);
    await add('inference.json', encodeJson(inferenceOf(results)));
    const checkpoints: Record<string, string> = {};
    for await (const { configuration, fold, weights, bestWeights, digest } of results.checkpoints) {
      await add(weightsPath(configuration, fold), encodeSafetensors(weights));
      if (bestWeights !== null) await add(weightsPath(configuration, fold, 'best'), encodeSafetensors(bestWeights));
      checkpoints[`${configuration}/fold_${fold}`] = digest;
    }
    const only = { members: [results.configuration], voting: 'soft' as const, meanDice: null };
    return {
      name: request.name,
      task: results.dataset.name,
      codeVersion: request.codeVersion,
      provenance: { trainingCases: results.dataset.numTraining, nnunet: { trainer: results.trainer, checkpoints } },
      best: only,
      ranking: [only],
    };
  });

/** As nnU-Net predicts. */
const inferenceOf = ({ configuration, folds, dataset, mirrorAxes }: NnunetResults): Inference => ({
  members: [configuration],
  voting: 'soft',
  folds,
  postprocessing: [],
  labels: dataset.labels,
  stepFraction: 0.5,
  mirroring: mirrorAxes?.length ? mirrorAxes : false,
});

import { encodeJson } from '#formats/indented-json.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { encodeSafetensors } from '#formats/safetensors.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { weightsPath } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import type { Home } from '../home.ts';
import { NewModel } from '../models/new-model.ts';
import { type NnunetFolderRequest, readNnunetFolder } from './nnunet-folder.ts';

export interface NnunetImport extends NnunetFolderRequest {
  readonly name: string;
  readonly home: Home;
  /** Of this program, major.minor.patch. */
  readonly codeVersion: string;
}

/** Puts what nnU-Net trained into the home as a model that predicts as nnU-Net does. */
export async function importNnunet(request: NnunetImport): Promise<{ folder: string; model: ModelDescription }> {
  const files = await NewModel.in(request.home, request.name);
  const results = await readNnunetFolder(request);
  const { dataset } = results;
  const inference: Inference = {
    members: [results.configuration],
    voting: 'soft',
    folds: results.folds,
    postprocessing: [],
    labels: dataset.labels,
    stepFraction: 0.5,
    mirroring: results.mirrorAxes?.length ? results.mirrorAxes : false,
  };
  await files.add('plans.json', Buffer.from(formatPlans(results.plans)));
  await files.add('dataset.json', results.datasetJson);
  await files.add('inference.json', encodeJson(inference));
  const checkpoints: Record<string, string> = {};
  for await (const { configuration, fold, weights, bestWeights, digest } of results.checkpoints) {
    await files.add(weightsPath(configuration, fold), encodeSafetensors(weights));
    if (bestWeights !== null) await files.add(weightsPath(configuration, fold, 'best'), encodeSafetensors(bestWeights));
    checkpoints[`${configuration}/fold_${fold}`] = digest;
  }
  const only = { members: [results.configuration], voting: 'soft' as const, meanDice: null };
  const model = await files.finish({
    name: request.name,
    task: dataset.name,
    codeVersion: request.codeVersion,
    provenance: { trainingCases: dataset.numTraining, nnunet: { trainer: results.trainer, checkpoints } },
    best: only,
    ranking: [only],
  });
  return { folder: files.folder, model };
}

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskManifest } from '#api/v1alpha1/kinds.ts';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import { PretrainedWeightsUnusableError } from '#prediction/pretrained-weights.ts';
import { resolveDatasetUri } from './dataset-uri.ts';
import { localPath } from './local-path.ts';
import { readTaskText } from './task-text.ts';

/**
 * The Task of a file, its data set and pretrained weights as absolute file: URIs.
 *
 * @param dataset a folder to use instead of the one that the Task names; `null`: the Task's own.
 */
export async function readTaskFile(path: string, dataset: string | null): Promise<TaskManifest> {
  const task = parseTask(await readTaskText(path));
  const uri = await resolveDatasetUri(dataset === null ? task.spec.dataset.uri : resolve(dataset), path);
  const pretrainedWeights = resolved(task.spec.training.pretrainedWeights, path);
  const training = { ...task.spec.training, pretrainedWeights };
  return { ...task, spec: { ...task.spec, dataset: { ...task.spec.dataset, uri }, training } };
}

type PretrainedWeights = TaskManifest['spec']['training']['pretrainedWeights'];

function resolved(weights: PretrainedWeights, taskFile: string): PretrainedWeights {
  return Object.fromEntries(
    Object.entries(weights).map(([configuration, uri]) => {
      const refusal = (reason: string) =>
        new PretrainedWeightsUnusableError(`spec.training.pretrainedWeights.${configuration}: ${reason}`);
      return [configuration, pathToFileURL(localPath(uri, taskFile, refusal)).href];
    }),
  );
}

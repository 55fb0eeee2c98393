import { nextStageLogits } from '#core/cascade/next-stage.ts';
import { labelMapOfLogits } from '#core/dataset/label-map.ts';
import { inParallel } from '#core/in-parallel.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { CropAndResampleRecord } from '#core/preprocessing/preprocessed-case.ts';
import { encodeZarrArray, volumeChunks } from '#formats/zarr.ts';
import type { AttemptWriter } from '#steps/attempt-writer.ts';
import { configurationOf } from '../configuration-of.ts';
import type { Fold } from './fold.ts';
import { nextStagePath } from './previous-stage.ts';

/** Writes what this stage sees in a case, as labels on the grid of the arrays of each stage that builds on it. */
export async function writeNextStages(
  output: Pick<AttemptWriter, 'write'>,
  { plans, configuration, labels }: Pick<Fold, 'plans' | 'configuration' | 'labels'>,
  caseId: string,
  logits: Tensor,
  record: CropAndResampleRecord,
): Promise<void> {
  for (const next of configuration.nextStages) {
    const onNext = nextStageLogits(logits, record, configuration, configurationOf(plans, next));
    const map = Int16Array.from(labelMapOfLogits(onNext.logits, labels));
    const path = nextStagePath(next, caseId);
    const shape = [...onNext.shape];
    const entries = encodeZarrArray(path, shape, 'int16', map, volumeChunks(shape));
    await inParallel(entries, ([key, bytes]) => output.write(key, bytes));
  }
}

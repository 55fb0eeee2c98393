import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { type Determination, determinePostprocessing, type Evaluated } from '#core/postprocessing/determine.ts';
import type { Rule } from '#core/postprocessing/rule.ts';
import { evaluateFolders } from '../evaluate/evaluate-folders.ts';

export interface DetermineRequest {
  readonly predictions: string;
  readonly references: string;
  /** `null`: every label but 0 that occurs in either folder. */
  readonly labels: readonly LabelOrRegion[] | null;
  /** Voxels of this value in a reference count nowhere. */
  readonly ignore: number | null;
}

/**
 * Finds out on predictions of the cross-validation which components to remove. The files are read again for each rule
 * that is tried, so that one case is in memory at a time and nothing is written.
 *
 * @param note is told once what is odd about the folders.
 * @throws {FolderUnusableError} @throws {DatasetFaultError} as `evaluateFolders` does.
 */
export async function determineOnFolders(
  request: DetermineRequest,
  note: (message: string) => void,
): Promise<Determination> {
  const summary = await evaluateFolders({ ...request, chill: false }, note);
  const { labels } = summary;
  const attempt = async (before: readonly Rule[], rule: Rule): Promise<Evaluated<readonly Rule[]>> => {
    const rules = [...before, rule];
    return {
      predictions: rules,
      summary: await evaluateFolders({ ...request, labels, chill: false, rules }, () => {}),
    };
  };
  const none: readonly Rule[] = [];
  return determinePostprocessing({ predictions: none, summary }, attempt);
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelScheme } from '#core/dataset/labels.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { type Determination, determinePostprocessing, type Evaluated } from '#core/postprocessing/determine.ts';
import { applyRules, type Rule } from '#core/postprocessing/rule.ts';
import { CaseVotes } from './case-votes.ts';
import type { CaseLabels, CrossValidation } from './cross-validation.ts';
import type { ScoredCandidate } from './score-candidates.ts';

/**
 * Finds the postprocessing of the winner on its cross-validation predictions.
 *
 * The label maps are unpacked into `scratch`, one byte a voxel, in two folders that take turns: the best so far, and the
 * rule that is being tried. Only one case is in memory at a time.
 *
 * @param beforeCase may throw to end early.
 */
export async function choosePostprocessing(
  validation: CrossValidation,
  winner: ScoredCandidate,
  labels: LabelScheme,
  scratch: string,
  beforeCase: () => void,
): Promise<Determination> {
  const references = await LabelFolder.create(join(scratch, 'references'));
  const folders = [
    await LabelFolder.create(join(scratch, 'predictions-0')),
    await LabelFolder.create(join(scratch, 'predictions-1')),
  ] as const;
  const [raw] = folders;
  const shapes = new Map<string, CaseLabels['shape']>();
  for (const validationCase of validation.cases) {
    beforeCase();
    const votes = new CaseVotes(validation, validationCase, labels);
    const [reference, predicted] = await Promise.all([
      validation.reference(validationCase),
      votes.segmentation(winner),
    ]);
    shapes.set(validationCase.caseId, reference.shape);
    await references.write(validationCase.caseId, reference.labels);
    await raw.write(validationCase.caseId, predicted);
  }

  const attempt = async (from: LabelFolder, rule: Rule): Promise<Evaluated<LabelFolder>> => {
    const to = from === folders[0] ? folders[1] : folders[0];
    const cases = [];
    for (const [caseId, shape] of shapes) {
      beforeCase();
      const changed = applyRules(await from.read(caseId), shape, [rule]);
      await to.write(caseId, changed);
      const metrics = evaluateCase(changed, await references.read(caseId), labels.targets, labels.ignore);
      cases.push({ predictionFile: caseId, referenceFile: caseId, metrics });
    }
    return { predictions: to, summary: summarize(labels.targets, cases) };
  };
  return determinePostprocessing({ predictions: raw, summary: winner.summary }, attempt);
}

/** Unpacked label maps by case, one byte a voxel. */
class LabelFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async create(path: string): Promise<LabelFolder> {
    await mkdir(path, { recursive: true });
    return new LabelFolder(path);
  }

  async write(caseId: string, labels: Uint8Array): Promise<void> {
    await writeFile(join(this.#path, caseId), labels);
  }

  async read(caseId: string): Promise<Uint8Array> {
    return readFile(join(this.#path, caseId));
  }
}

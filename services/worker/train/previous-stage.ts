import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '#core/in-parallel.ts';
import { foldNames } from '#core/training/folds.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { decodeZarrArray } from '#formats/zarr.ts';
import type { StepContext } from '#steps/step-context.ts';
import { trainingKey } from '#steps/step-names.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';

/** Where the outputs of a stage hold what it saw in a case, for the stage `next`. */
export const nextStagePath = (next: string, caseId: string): string => `next_stage/${next}/${caseId}`;

/** What the stage before a cascade saw in each training case: predicted by the fold that did not train on it. */
export class PreviousStage {
  readonly #stage: string;
  readonly #byCase: ReadonlyMap<string, StepOutputs>;

  private constructor(stage: string, byCase: ReadonlyMap<string, StepOutputs>) {
    this.#stage = stage;
    this.#byCase = byCase;
  }

  /**
   * @param previous configuration of the stage before. @param stage the configuration that builds on it.
   * @throws {RangeError} when a fold of the stage before is no input of the step.
   */
  static async open(context: Pick<StepContext, 'inputs'>, previous: string, stage: string): Promise<PreviousStage> {
    const splits = parseSplits(await (await context.inputs('plan')).readText('splits_final.json'));
    const isAll = splits.length === 1;
    const byCase = new Map<string, StepOutputs>();
    const folds = foldNames(isAll ? 'all' : splits.length);
    const trained = await inParallel(folds, (fold) => context.inputs(trainingKey(previous, fold)));
    for (const [i, outputs] of trained.entries())
      for (const caseId of splits[i]?.validation ?? []) byCase.set(caseId, outputs);
    return new PreviousStage(stage, byCase);
  }

  /** Labels, (...shape) of the case's arrays. @throws {RangeError} for a case that no fold predicted. */
  async labels(caseId: string): Promise<Int16Array> {
    const outputs = this.#byCase.get(caseId);
    if (outputs === undefined) throw new RangeError(`no fold of the stage before ${this.#stage} predicted ${caseId}`);
    const path = nextStagePath(this.#stage, caseId);
    const { data } = await decodeZarrArray(path, await outputs.readFolder(path));
    if (data instanceof Int16Array) return data;
    throw new TypeError(`case ${caseId}: expected int16 labels of the stage before, got ${data.constructor.name}`);
  }

  /** The same as a raw file in `folder`, for an engine to map. @returns its path. */
  async unpack(caseId: string, folder: string): Promise<string> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${caseId}.previous.i16`);
    const labels = await this.labels(caseId);
    await writeFile(path, new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
    return path;
  }
}

import { labelMap } from '#core/dataset/label-map.ts';
import type { LabelScheme } from '#core/dataset/labels.ts';
import type { Ensemble } from '#core/ensembling/candidates.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import { inParallel } from '#core/in-parallel.ts';
import type { CrossValidation, ValidationCase } from './cross-validation.ts';

/**
 * What each candidate says about one case. Keeps the probabilities of the members it has read, so that candidates share
 * them; drop it with the case, so that no more than one case is ever in memory.
 */
export class CaseVotes {
  readonly #validation: CrossValidation;
  readonly #of: ValidationCase;
  readonly #labels: LabelScheme;
  readonly #probabilities = new Map<string, Promise<Float32Array>>();
  readonly #segmentations = new Map<string, Promise<Uint8Array>>();

  constructor(validation: CrossValidation, of: ValidationCase, labels: LabelScheme) {
    this.#validation = validation;
    this.#of = of;
    this.#labels = labels;
  }

  /** Reads what these candidates need, several files at once, and keeps it. */
  async readFor(candidates: readonly Ensemble[]): Promise<void> {
    await inParallel(candidates, ({ members }) => this.#read(members));
  }

  #read(members: readonly string[]): Promise<unknown> {
    const [first = '', ...others] = members;
    return others.length === 0
      ? this.#ownSegmentation(first)
      : inParallel(members, (member) => this.#probabilitiesOf(member));
  }

  /** The label map, (z, y, x): a configuration's own as it was stored, or the vote of several. */
  async segmentation({ members, voting }: Ensemble): Promise<Uint8Array> {
    const [only, ...others] = members;
    if (only !== undefined && others.length === 0) return this.#ownSegmentation(only);
    const votes = await inParallel(members, (member) => this.#probabilitiesOf(member));
    return labelMap(joinProbabilities(voting, votes, this.#labels), this.#labels);
  }

  #ownSegmentation(member: string): Promise<Uint8Array> {
    return readOnce(
      this.#segmentations,
      member,
      async () => (await this.#validation.segmentation(member, this.#of)).labels,
    );
  }

  #probabilitiesOf(member: string): Promise<Float32Array> {
    return readOnce(this.#probabilities, member, () => this.#validation.probabilities(member, this.#of));
  }
}

function readOnce<T>(known: Map<string, Promise<T>>, member: string, read: () => Promise<T>): Promise<T> {
  const reading = known.get(member) ?? read();
  known.set(member, reading);
  return reading;
}

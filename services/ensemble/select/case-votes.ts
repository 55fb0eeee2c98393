import { labelMap } from '#core/dataset/label-map.ts';
import type { LabelScheme } from '#core/dataset/labels.ts';
import type { Ensemble } from '#core/ensembling/candidates.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import type { CrossValidation, ValidationCase } from './cross-validation.ts';

/**
 * What each candidate says about one case. Keeps the probabilities of the members it has read, so that candidates share
 * them; drop it with the case, so that no more than one case is ever in memory.
 */
export class CaseVotes {
  readonly #validation: CrossValidation;
  readonly #of: ValidationCase;
  readonly #labels: LabelScheme;
  readonly #probabilities = new Map<string, Float32Array>();

  constructor(validation: CrossValidation, of: ValidationCase, labels: LabelScheme) {
    this.#validation = validation;
    this.#of = of;
    this.#labels = labels;
  }

  /** The label map, (z, y, x): a configuration's own as it was stored, or the vote of several. */
  async segmentation({ members, voting }: Ensemble): Promise<Uint8Array> {
    const [only, ...others] = members;
    if (only !== undefined && others.length === 0) {
      return (await this.#validation.segmentation(only, this.#of)).labels;
    }
    const votes: Float32Array[] = [];
    for (const member of members) votes.push(await this.#probabilitiesOf(member));
    return labelMap(joinProbabilities(voting, votes, this.#labels), this.#labels);
  }

  async #probabilitiesOf(member: string): Promise<Float32Array> {
    const known = this.#probabilities.get(member);
    if (known !== undefined) return known;
    const read = await this.#validation.probabilities(member, this.#of);
    this.#probabilities.set(member, read);
    return read;
  }
}

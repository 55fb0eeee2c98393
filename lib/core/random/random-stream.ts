import { type PhiloxKey, philox4x32 } from './philox.ts';

// The last counter word keeps the blocks that name a substream apart from those that are drawn from.
const drawing = 0;
const naming = 1;

/**
 * Random numbers that depend on a name, not on what was drawn before elsewhere.
 *
 * `new RandomStream(seed, epoch, iteration, sample)` gives the same numbers whenever and wherever it is made, so a
 * resumed training draws what the undisturbed one would have drawn. Each step of the path is folded into a Philox key;
 * draw n reads two words of block floor(n / 2).
 */
export class RandomStream {
  readonly #key: PhiloxKey;
  #drawn = 0;

  /**
   * @param seed whole number of at least 0.
   * @param path whole numbers of at least 0 that name the stream; (1, 2) and (2, 1) are different streams.
   * @throws {RangeError} if one of them is not a whole number of at least 0.
   */
  constructor(seed: number, ...path: readonly number[]) {
    let key = words(seed);
    path.forEach((step, depth) => {
      const [low, high] = words(step);
      const [k0, k1] = philox4x32([low, high, depth, naming], key);
      key = [k0, k1];
    });
    this.#key = key;
  }

  /** A number in [low, high), with 53 random bits. */
  uniform(low: number, high: number): number {
    const [a, b] = this.key();
    const unit = ((a >>> 5) * 0x400_0000 + (b >>> 6)) / 2 ** 53;
    return low + unit * (high - low);
  }

  /** A whole number from `low` to `high`, both included, each equally likely. @throws {RangeError} if high < low. */
  integer(low: number, high: number): number {
    if (high < low) throw new RangeError(`no whole number lies between ${low} and ${high}`);
    return low + Math.floor(this.uniform(0, high - low + 1));
  }

  /** True with probability `p`: never for 0, always for 1. */
  chance(p: number): boolean {
    return this.uniform(0, 1) < p;
  }

  /** Two random words: the key of a new, independent Philox stream. */
  key(): PhiloxKey {
    const block = Math.floor(this.#drawn / 2);
    const [w0, w1, w2, w3] = philox4x32([...words(block), 0, drawing], this.#key);
    return this.#drawn++ % 2 === 0 ? [w0, w1] : [w2, w3];
  }
}

function words(value: number): PhiloxKey {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`a random stream is named by whole numbers of at least 0, got ${value}`);
  return [value >>> 0, Math.floor(value / 0x1_0000_0000)];
}

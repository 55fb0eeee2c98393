const STATE_WORDS = 624;
const SHIFT = 397;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;
const TWIST = 0x9908b0df;

/**
 * The generator nnU-Net seeds wherever its results are repeatable: splits, fingerprint, foreground locations.
 *
 * MT19937 with `init_genrand`, and the draws of NumPy's legacy `RandomState` on top of it. Seed 12345 gives 3992670690
 * first, seed 1234 gives 822569775. Everything else that is random here comes from a counter-based generator.
 *
 * @see Matsumoto and Nishimura 1998, mt19937ar.c; numpy.random.RandomState
 */
export class MersenneTwister {
  readonly #state = new Int32Array(STATE_WORDS);
  #next = STATE_WORDS;

  /** @throws {RangeError} if `seed` is not a whole number below 2^32. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed must be a whole number in [0, 2^32), got ${seed}`);
    }
    const state = this.#state;
    let word = seed | 0;
    for (let i = 0; i < STATE_WORDS; i++) {
      state[i] = word;
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i + 1) | 0;
    }
  }

  /** A uniform integer in [0, 2^32). */
  next32(): number {
    if (this.#next === STATE_WORDS) this.#twist();
    let word = this.#state[this.#next++] as number;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /**
   * A uniform integer in [0, max], by rejection: draws are masked to the bits of `max` until one is not above it.
   * `max` 0 draws nothing.
   */
  bounded(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const drawn = (this.next32() & mask) >>> 0;
      if (drawn <= max) return drawn;
    }
  }

  /** Shuffles a list in place, from its end to its start. */
  shuffle(list: { [index: number]: unknown; readonly length: number }): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.bounded(i);
      const moved = list[i];
      list[i] = list[j];
      list[j] = moved;
    }
  }

  /** The integers 0..n-1, shuffled. */
  permutation(n: number): Uint32Array {
    const indices = Uint32Array.from({ length: n }, (_, i) => i);
    this.shuffle(indices);
    return indices;
  }

  /** `k` different indices below `n`, in drawn order. @throws {RangeError} if `k > n`. */
  choiceWithoutReplacement(k: number, n: number): Uint32Array {
    if (k > n) throw new RangeError(`cannot choose ${k} of ${n} without replacement`);
    return this.permutation(n).subarray(0, k);
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_WORDS; i++) {
      const following = state[i + 1 === STATE_WORDS ? 0 : i + 1] as number;
      const shifted = state[i + SHIFT < STATE_WORDS ? i + SHIFT : i + SHIFT - STATE_WORDS] as number;
      const joined = ((state[i] as number) & UPPER_BIT) | (following & LOWER_BITS);
      state[i] = shifted ^ (joined >>> 1) ^ (joined & 1 ? TWIST : 0);
    }
    this.#next = 0;
  }
}

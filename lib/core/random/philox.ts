// Philox4x32-10: a block of four random words from a counter and a key, with no state in between. Any engine that
// multiplies 32-bit integers makes the same numbers, in any order and on any number of threads.

/** Four unsigned 32-bit words. */
export type PhiloxBlock = readonly [number, number, number, number];
/** Two unsigned 32-bit words that name a stream. */
export type PhiloxKey = readonly [number, number];

// The multipliers and the key increments (golden ratio, square root of 3) are part of the generator's definition.
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/**
 * The random words that Philox4x32-10 gives for a counter under a key.
 *
 * @see Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011); Random123's known answers
 */
export function philox4x32(counter: PhiloxBlock, key: PhiloxKey): PhiloxBlock {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const low0 = Math.imul(multiplier0, c0);
    const low1 = Math.imul(multiplier1, c2);
    const next0 = highWord(multiplier1, c2) ^ c1 ^ k0;
    const next2 = highWord(multiplier0, c0) ^ c3 ^ k1;
    c0 = next0 >>> 0;
    c1 = low1 >>> 0;
    c2 = next2 >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the 64-bit product of two unsigned words; a double holds only 53 bits of it. */
function highWord(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carried = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (carried >>> 16)) >>> 0;
}

/**
 * Standard normal numbers `offset` to `offset + count - 1` of the stream `key`.
 *
 * Number i comes from block floor(i / 4), counter (block mod 2^32, block div 2^32, 0, 0). Its words become
 * u = (word + 0.5) / 2^32; the pairs (u0, u1) and (u2, u3) become r cos(2πu1), r sin(2πu1) with r = sqrt(-2 ln u0)
 * (Box and Muller), computed in float64 and rounded to float32 once. So number i never depends on `offset` or `count`.
 */
export function philoxNormals(key: PhiloxKey, count: number, offset = 0): Float32Array {
  const normals = new Float32Array(count);
  const end = offset + count;
  for (let block = Math.floor(offset / 4); block * 4 < end; block++) {
    const [w0, w1, w2, w3] = philox4x32([block >>> 0, Math.floor(block / 0x1_0000_0000), 0, 0], key);
    // A typed array drops what is written before its start or past its end: the parts of a block not asked for.
    boxMuller(w0, w1, normals, block * 4 - offset);
    boxMuller(w2, w3, normals, block * 4 - offset + 2);
  }
  return normals;
}

function boxMuller(radiusWord: number, angleWord: number, into: Float32Array, at: number): void {
  const radius = Math.sqrt(-2 * Math.log(unitInterval(radiusWord)));
  const angle = 2 * Math.PI * unitInterval(angleWord);
  into[at] = radius * Math.cos(angle);
  into[at + 1] = radius * Math.sin(angle);
}

/** Inside (0, 1), never at its ends, so that its logarithm is finite. */
const unitInterval = (word: number): number => (word + 0.5) / 0x1_0000_0000;

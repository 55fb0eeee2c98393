import { digestOf } from '#formats/digest.ts';
import type { Json } from './step.ts';

/** A stored output of a step. */
export interface Output {
  /** SHA-256 of the bytes, hex. Checked at every read. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Written last and once: a step is done when this exists. It names the attempt that won. */
export interface Manifest {
  readonly step: string;
  readonly attempt: number;
  /** By path below the attempt. */
  readonly outputs: Readonly<Record<string, Output>>;
  /** A few values that others need without opening an output; see `results.ts`. */
  readonly result: Json;
}

/** Digest of what was made, whoever made it: two attempts with equal outputs have equal contents. */
export const contentDigest = (manifest: Manifest): string =>
  digestOf({ outputs: manifest.outputs, result: manifest.result });

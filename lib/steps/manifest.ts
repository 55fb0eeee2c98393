import * as z from 'zod';
import { digestOf, sha256 } from '#formats/digest.ts';
import type { Json } from './step.ts';

/** A stored output of a step. */
export interface Output {
  /** SHA-256 of the bytes, hex. Checked at every read. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What a manifest says of these bytes. */
export const outputOf = (bytes: Uint8Array): Output => ({ sha256: sha256(bytes), bytes: bytes.length });

/** Written last and once: a step is done when this exists and what it names is whole. It names the attempt that won. */
export interface Manifest {
  readonly step: string;
  readonly attempt: number;
  /** By path below the attempt. */
  readonly outputs: Readonly<Record<string, Output>>;
  /** A few values that others need without opening an output; see `results.ts`. */
  readonly result: Json;
}

/** Digests of manifests that are in memory: a manifest never changes, may name thousands of outputs, and is asked often. */
const digests = new WeakMap<Manifest, string>();

/** Digest of what was made, whoever made it: two attempts with equal outputs have equal contents. */
export function contentDigest(manifest: Manifest): string {
  const known = digests.get(manifest);
  if (known !== undefined) return known;
  const digest = digestOf({ outputs: manifest.outputs, result: manifest.result });
  digests.set(manifest, digest);
  return digest;
}

/** A stored output, as JSON on disk. */
export const outputSchema: z.ZodType<Output> = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
});

/** A manifest, as JSON on disk. */
export const manifestSchema: z.ZodType<Manifest> = z.object({
  step: z.string(),
  attempt: z.int().min(1),
  outputs: z.record(z.string(), outputSchema),
  result: z.json(),
});

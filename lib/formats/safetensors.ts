// Weights on disk: the safetensors format, float32 only. https://huggingface.co/docs/safetensors

import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import { product } from '#core/geometry/axes.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';

/** Thrown when bytes are not a whole safetensors file of float32 tensors. */
export class InvalidSafetensorsError extends BadInputError {
  readonly code = 'SAFETENSORS_INVALID';
}

/** The header begins after its own length, a 64-bit little-endian number. */
const HEADER_AT = 8;
/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;

const headerJson = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F32', 'expected dtype F32'),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);
const metadataJson = z.record(z.string(), z.string()).default({});

/**
 * Tensors in their given order, one after another. Equal input gives equal bytes.
 *
 * @param metadata kept under the header's `__metadata__`, keys sorted.
 * @throws {RangeError} for a tensor whose data do not fill its shape.
 */
export function encodeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const entries: Record<string, unknown> = {};
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) entries.__metadata__ = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== product(shape)) {
      throw new RangeError(`tensor ${name} of shape ${shape.join(' x ')} holds ${data.length} values`);
    }
    entries[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const header = paddedHeader(JSON.stringify(entries));
  const file = new Uint8Array(HEADER_AT + header.byteLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  file.set(header, HEADER_AT);
  let at = HEADER_AT + header.byteLength;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Filled with spaces to a multiple of 8, so that readers can map the tensors. */
function paddedHeader(json: string): Uint8Array {
  const bytes = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 8) * 8).fill(0x20);
  padded.set(bytes);
  return padded;
}

/**
 * The tensors of a file, in the order of their bytes, and its metadata. The tensors are copies.
 *
 * @throws {InvalidSafetensorsError} for a truncated file, a header that is not one, another dtype than F32, and offsets
 * that do not fit the shapes or do not fill the file.
 */
export function decodeSafetensors(bytes: Uint8Array): { tensors: Tensors; metadata: Record<string, string> } {
  const { header, dataAt } = readHeader(bytes);
  const { __metadata__, ...entries } = header;
  const metadata = metadataJson.safeParse(__metadata__);
  const parsed = headerJson.safeParse(entries);
  if (!metadata.success || !parsed.success) {
    const issue = (metadata.error ?? parsed.error)?.issues[0];
    throw new InvalidSafetensorsError(`safetensors header: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const inOrder = Object.entries(parsed.data).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const [name, { shape, data_offsets }] of inOrder) {
    const [begin, end] = data_offsets;
    if (begin !== at || end - begin !== 4 * product(shape)) {
      throw new InvalidSafetensorsError(
        `tensor ${name} of shape ${shape.join(' x ')}: expected bytes ${at} to ${at + 4 * product(shape)}, the header says ${begin} to ${end}`,
      );
    }
    at = end;
    if (dataAt + end > bytes.byteLength) throw new InvalidSafetensorsError(`the file ends inside tensor ${name}`);
    tensors.set(name, {
      shape,
      data: new Float32Array(new Uint8Array(bytes.subarray(dataAt + begin, dataAt + end)).buffer),
    });
  }
  if (dataAt + at !== bytes.byteLength) {
    throw new InvalidSafetensorsError(`${bytes.byteLength - dataAt - at} bytes follow the last tensor`);
  }
  return { tensors, metadata: metadata.data };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataAt: number } {
  if (bytes.byteLength < HEADER_AT) throw new InvalidSafetensorsError('the file is too short for a safetensors header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER) throw new InvalidSafetensorsError(`a header of ${length} bytes is not safetensors`);
  const dataAt = HEADER_AT + length;
  if (dataAt > bytes.byteLength) throw new InvalidSafetensorsError('the file ends inside its header');
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, dataAt)));
    if (typeof header === 'object' && header !== null) return { header: { ...header }, dataAt };
  } catch (cause) {
    throw new InvalidSafetensorsError('the safetensors header is no JSON', { cause });
  }
  throw new InvalidSafetensorsError('the safetensors header is no JSON object');
}

import * as z from 'zod';
import { parameterOfKey } from '#core/network/state-dict-names.ts';
import { parseTorchCheckpoint, TorchTensor } from './torch-checkpoint.ts';

/** What nnU-Net v2 keeps of a fold, as far as it is of use here. */
export interface NnunetCheckpoint {
  /** By the graph's names, each once. */
  readonly weights: ReadonlyMap<string, TorchTensor>;
  readonly configuration: string;
  /** Class of the trainer, such as `nnUNetTrainer`. */
  readonly trainer: string;
  /** Network axes along which mirrored images may be averaged; `null`: none. */
  readonly mirrorAxes: readonly number[] | null;
  /** Text of the plans.json that it was trained by, `null` in words if there was none. */
  readonly plansJson: string;
}

const checkpointSchema = z.object({
  network_weights: z.map(z.string(), z.instanceof(TorchTensor)),
  trainer_name: z.string(),
  init_args: z.map(z.unknown(), z.unknown()),
  inference_allowed_mirroring_axes: z.array(z.int().min(0).max(2)).nullish(),
});

/**
 * A checkpoint of nnU-Net v2, `checkpoint_final.pth` or another. No code in it is run.
 *
 * @throws {ZodError} for a file of `torch.save` that is none. @throws {TorchCheckpointUnreadableError} for any other.
 */
export function parseNnunetCheckpoint(bytes: Uint8Array): NnunetCheckpoint {
  const value = parseTorchCheckpoint(bytes);
  const parsed = checkpointSchema.parse(value instanceof Map ? Object.fromEntries(value) : value);
  return {
    weights: new Map([...parsed.network_weights].map(([key, tensor]) => [parameterOfKey(key), tensor])),
    configuration: String(parsed.init_args.get('configuration')),
    trainer: parsed.trainer_name,
    mirrorAxes: parsed.inference_allowed_mirroring_axes ?? null,
    plansJson: JSON.stringify(plain(parsed.init_args.get('plans') ?? null)),
  };
}

/** Dicts as objects, for JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [String(key), plain(entry)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

import { BadInputError } from '#core/errors.ts';

/** Thrown when bytes are not a PyTorch checkpoint, or one that holds what is not read. */
export class TorchCheckpointUnreadableError extends BadInputError {
  readonly code = 'TORCH_CHECKPOINT_UNREADABLE';
}

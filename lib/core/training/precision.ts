/**
 * What convolutions and activations of a training compute in, as under PyTorch's autocast. Parameters, optimiser state,
 * statistics of the norms and the loss are float32 in each; so is prediction.
 */
export const PRECISIONS = ['float32', 'bfloat16', 'float16'] as const;

export type Precision = (typeof PRECISIONS)[number];

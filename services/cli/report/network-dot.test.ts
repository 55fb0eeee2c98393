import { describe, expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import { networkDot } from './network-dot.ts';

describe('networkDot', () => {
  const graph = buildNetwork(
    {
      kind: 'PlainConvUNet',
      dimensions: 2,
      featuresPerStage: [4, 8, 16],
      kernelSizes: Array(3).fill([3, 3]),
      strides: [
        [1, 1],
        [1, 2],
        [2, 2],
      ],
      encoderBlocksPerStage: [2, 1, 1],
      decoderConvolutionsPerStage: [1, 1],
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    1,
    3,
  );
  const dot = networkDot(graph, [8, 12]);
  const labels = new Map([...dot.matchAll(/^(n\d+) \[label="([^"]*)"/gm)].map(([, id, label]) => [id, label]));
  const named = (text: string) => text.replaceAll(/n\d+/g, (id) => `<${labels.get(id)?.split('\\n').at(-1)}>`);

  it('draws a box per stage, each convolution a line, and what it gives', () => {
    expect([...labels.values()]).toEqual([
      'image\\n1 × 8×12',
      'conv 3×3\\nconv 3×3\\n4 × 8×12',
      'conv 3×3 / 1×2\\n8 × 8×6',
      'conv 3×3 / 2×2\\n16 × 4×3',
      'concatenate\\nconv 3×3\\n8 × 8×6',
      'segmentation head\\n3 × 8×6',
      'concatenate\\nconv 3×3\\n4 × 8×12',
      'segmentation head\\n3 × 8×12',
    ]);
  });

  it('puts each resolution in a row: encoder, skip, decoder, head', () => {
    const rows = [...dot.matchAll(/rank=same; (.*) }/g)].map(([, row]) => named(row ?? ''));
    expect(rows).toEqual([
      '<1 × 8×12>; <4 × 8×12>; <4 × 8×12>; <3 × 8×12>;',
      '<8 × 8×6>; <8 × 8×6>; <3 × 8×6>;',
      '<16 × 4×3>;',
    ]);
    expect(dot.match(/style=dashed/g)).toHaveLength(2);
  });

  it('draws upsampling as an edge from the lower row', () => {
    const up = [...dot.matchAll(/^n\d+ -> n\d+ \[dir=back .*$/gm)].map(([edge]) => named(edge));
    expect(up).toEqual([
      '<8 × 8×6> -> <16 × 4×3> [dir=back label="    up 2×2"];',
      '<4 × 8×12> -> <8 × 8×6> [dir=back label="    up 1×2"];',
    ]);
  });
});

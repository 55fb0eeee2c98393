// Golden values: networks built by nnU-Net v2.8.1 from plans, and its memory estimates; see shared/golden/README.md.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import { memoryEstimate } from '#core/network/memory-estimate.ts';
import { parameterCount } from '#core/network/parameter-count.ts';
import { parseArchitecture, parsePlans } from '#formats/plans-json.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface GoldenNetwork {
  readonly architecture: unknown;
  readonly input_channels: number;
  readonly heads: number;
  readonly full_size: {
    readonly state_dict: [string, number[]][];
    readonly unique_parameters: string[];
    readonly n_parameters: number;
  };
}

const readGolden = (path: string) => JSON.parse(readFileSync(sharedPath(`golden/${path}`), 'utf8'));

describeWithShared('a network has nnU-Net’s parameters', 'golden/networks', () => {
  const plain = ['d004_2d', 'd004_3d', 'aniso_plain'];
  const residual = ['aniso_resenc', 'd004_resencM_3d', 'd103_resencM_2d'];
  it.each([...plain, ...residual])('%s: names and shapes in order, and their count', (name) => {
    const golden: GoldenNetwork = readGolden(`networks/${name}.json`);
    const graph = buildNetwork(parseArchitecture(golden.architecture), golden.input_channels, golden.heads);
    const shapes = new Map(golden.full_size.state_dict);
    expect(graph.parameters.map((parameter) => [parameter.name, parameter.shape])).toEqual(
      golden.full_size.unique_parameters.map((parameter) => [parameter, shapes.get(parameter)]),
    );
    expect(parameterCount(graph)).toBe(golden.full_size.n_parameters);
  });
});

describeWithShared('the memory estimate is nnU-Net’s', 'golden/plans', () => {
  const planners = ['nnUNetPlans', 'nnUNetResEncUNetPlans', 'nnUNetResEncUNetMPlans', 'nnUNetResEncUNetLPlans'];
  const tables = ['Dataset004_Hippocampus', 'Dataset103_Nuclei2D', 'Dataset105_CT'].flatMap((dataset) =>
    planners.map((planner) => ({ dataset, planner })),
  );

  it.each(tables)('of every patch that $planner tried for $dataset', ({ dataset, planner }) => {
    interface Estimate {
      readonly patch_size: number[];
      readonly strides: number[][];
      readonly features: number[];
      readonly heads: number;
      readonly estimate: number;
    }
    const trace: Estimate[] = readGolden(`plans/${dataset}/estimate_trace.json`)[planner];
    const [configuration] = parsePlans(
      readFileSync(sharedPath(`golden/plans/${dataset}/${planner}.json`), 'utf8'),
    ).configurations;
    const kind = configuration?.architecture.kind ?? 'PlainConvUNet';
    expect(trace.length).toBeGreaterThan(0);
    for (const { patch_size, strides, features, heads, estimate } of trace) {
      const residualBlocks = [1, 3, 4, 6, ...Array<number>(9).fill(6)];
      const architecture = {
        kind,
        dimensions: patch_size.length === 3 ? (3 as const) : (2 as const),
        featuresPerStage: features,
        kernelSizes: strides, // not looked at
        strides,
        encoderBlocksPerStage: features.map((_, stage) =>
          kind === 'PlainConvUNet' ? 2 : (residualBlocks[stage] ?? 6),
        ),
        decoderConvolutionsPerStage: features.slice(1).map(() => (kind === 'PlainConvUNet' ? 2 : 1)),
        convolutionBias: true,
        normEpsilon: 1e-5,
      };
      expect(memoryEstimate(architecture, patch_size, heads)).toBe(estimate);
    }
  });
});

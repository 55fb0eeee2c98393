// nnU-Net's state_dict names a parameter up to four times: a block lists its convolution and norm by name and again
// among `all_modules`, and the decoder lists the whole encoder once more. The graph names each once.

const CONVOLUTION_OR_NORM = /^(.*)\.(conv|norm)\.(weight|bias)$/;

/**
 * Every key of nnU-Net's state_dict in its order, with the parameter of the graph behind it.
 *
 * `encoder.stages.0.0.convs.0.conv.weight` is also `….all_modules.0.weight`, and both again below `decoder.encoder.`.
 *
 * @param parameters names as in `NetworkGraph.parameters`, in that order.
 * @see dynamic-network-architectures, building_blocks/simple_conv_blocks.py and unet_decoder.py
 */
export function stateDictKeys(parameters: readonly string[]): { key: string; parameter: string }[] {
  const encoder = withModuleLists(parameters.filter((name) => name.startsWith('encoder.')));
  const decoder = withModuleLists(parameters.filter((name) => !name.startsWith('encoder.')));
  return [...encoder, ...encoder.map(({ key, parameter }) => ({ key: `decoder.${key}`, parameter })), ...decoder];
}

/** After each block's own names, the same tensors as members of its list. */
function withModuleLists(parameters: readonly string[]): { key: string; parameter: string }[] {
  return Array.from(blocksOf(parameters)).flatMap((block) => [
    ...block.map((parameter) => ({ key: parameter, parameter })),
    ...block.flatMap((parameter) => {
      const [, prefix, module, kind] = CONVOLUTION_OR_NORM.exec(parameter) ?? [];
      if (prefix === undefined) return [];
      return { key: `${prefix}.all_modules.${module === 'conv' ? 0 : 1}.${kind}`, parameter };
    }),
  ]);
}

/** Runs of parameters of one block of convolution and norm; any other parameter is a run of its own. */
function* blocksOf(parameters: readonly string[]): Generator<string[]> {
  let block: string[] = [];
  for (const parameter of parameters) {
    const [first] = block;
    if (first !== undefined && prefixOf(first) !== prefixOf(parameter)) {
      yield block;
      block = [];
    }
    block.push(parameter);
  }
  if (block.length > 0) yield block;
}

const prefixOf = (parameter: string): string => CONVOLUTION_OR_NORM.exec(parameter)?.[1] ?? parameter;

/**
 * The graph's name of a state_dict's key, which may carry what wrappers put in front: `module.` of several GPUs,
 * `_orig_mod.` of a compiled network.
 */
export const parameterOfKey = (key: string): string =>
  key
    .replace(/^(module\.|_orig_mod\.)+/, '')
    .replace(/^decoder\.encoder\./, 'encoder.')
    .replace('.all_modules.0.', '.conv.')
    .replace('.all_modules.1.', '.norm.');

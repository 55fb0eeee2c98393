import { nanJson } from '#core/evaluation/nan-json.ts';
import { meansToJson } from '#core/evaluation/summary-json.ts';
import type { Determination } from './determine.ts';

/** nnU-Net's name of the one thing that its rules do. */
export const KEEP_LARGEST = 'remove_all_but_largest_component_from_segmentation';

/**
 * nnU-Net's postprocessing.json: the means before and after, and the accepted rules by its names.
 *
 * @see nnU-Net v2, postprocessing/remove_connected_components.py, determine_postprocessing
 */
export const formatPostprocessing = ({ before, after, rules }: Determination): string =>
  nanJson({
    input_folder: meansToJson(before),
    postprocessed: meansToJson(after),
    postprocessing_fns: rules.map(() => KEEP_LARGEST),
    postprocessing_kwargs: rules.map((rule) => ({ labels_or_regions: rule.keepLargestOf })),
  });

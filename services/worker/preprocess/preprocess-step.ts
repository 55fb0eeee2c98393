import { labelScheme } from '#core/dataset/labels.ts';
import { inParallel } from '#core/in-parallel.ts';
import { locationClasses } from '#core/preprocessing/foreground-locations.ts';
import { preprocessCase } from '#core/preprocessing/preprocess-case.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { encodeCase } from '#formats/zarr.ts';
import { readCases } from '#steps/cases.ts';
import { preprocessOptionsSchema } from '#steps/options.ts';
import type { StepHandler } from '#steps/step-context.ts';
import { configurationOf } from '../configuration-of.ts';
import { readSource } from '../verified-source.ts';

/** Crops, normalises and resamples every training case for one configuration. One case in memory at a time. */
export const preprocessStep: StepHandler = async (context) => {
  const { description, output } = context;
  const options = preprocessOptionsSchema.parse(description.identity.options);
  const cases = await readCases(await context.inputs('ingest'));
  const plans = parsePlans(await (await context.inputs('plan')).readText('plans.json'));
  const configuration = configurationOf(plans, options.configuration);
  const classes = locationClasses(labelScheme(cases.dataset));
  const raw = context.datasets(description.datasetUri);

  for (const [i, source] of cases.training.entries()) {
    if (context.stop.requested !== 'none') return { kind: 'yielded' };
    context.progress(`preprocessing case ${i + 1} of ${cases.training.length}`, i, cases.training.length);
    const read = await readSource(raw, source, cases.dataset);
    const preprocessed = preprocessCase(read, plans, configuration, classes);
    await inParallel(encodeCase(preprocessed), ([key, bytes]) => output.write(`cases/${source.caseId}/${key}`, bytes));
  }
  return { kind: 'done', result: null };
};

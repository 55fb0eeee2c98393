import type { Command } from 'commander';
import type { PlannerName } from '#core/planning/planners.ts';
import {
  type HomeOptions,
  type PlannerOptions,
  plannerChanges,
  withHome,
  withPlanner,
} from '../dataset-task/options.ts';
import { prepareOutput } from '../folder.ts';

interface PlanOptions extends HomeOptions, PlannerOptions {
  readonly out: string;
  readonly fingerprint?: string;
  readonly datasetJson?: string;
}

/** Adds `pentafold plan`. */
export function register(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  const command = program
    .command('plan')
    .description('look at a data set and plan its configurations, as nnU-Net does')
    .argument('[dataset]', 'folder of the data set; or its name or number, once the home knows it')
    .requiredOption(
      '--out <dir>',
      'folder for dataset_fingerprint.json, plans.json, dataset.json and splits_final.json',
    )
    .option('--fingerprint <file>', 'plan from this dataset_fingerprint.json instead of a data set')
    .option('--dataset-json <file>', 'dataset.json that belongs to the fingerprint')
    .addHelpText('after', '\nexample: pentafold plan Dataset004_Hippocampus --planner resenc-l --out plans');
  withHome(withPlanner(command)).action(async (dataset: string | undefined, options: PlanOptions) => {
    const { fingerprint, datasetJson } = options;
    if (
      (dataset === undefined) === (fingerprint === undefined) ||
      (fingerprint === undefined) !== (datasetJson === undefined)
    )
      return command.error('error: expected either a data set, or --fingerprint with --dataset-json');
    await prepareOutput(options.out);
    if (dataset !== undefined) return planDataset(dataset, options, env);
    if (fingerprint !== undefined && datasetJson !== undefined) return planFromFiles(fingerprint, datasetJson, options);
  });
}

async function planDataset(dataset: string, options: PlanOptions, env: Readonly<Record<string, string | undefined>>) {
  const { carryOutGoal } = await import('../dataset-task/carry-out-goal.ts');
  const { copyPlan } = await import('../plan/copy-plan.ts');
  const outcome = await carryOutGoal({ dataset, changes: plannerChanges(options), goal: ['plan'], ...options }, env);
  if (outcome === null) return;
  await copyPlan(outcome.taskFolder, options.out);
  await report(options);
}

async function planFromFiles(fingerprint: string, datasetJson: string, options: PlanOptions): Promise<void> {
  const { planFingerprint } = await import('../plan/plan-fingerprint.ts');
  const target = options.gpuMemoryTarget === undefined ? null : Number.parseInt(options.gpuMemoryTarget, 10);
  const planner = (options.planner ?? 'default') as PlannerName;
  await planFingerprint({ fingerprint, datasetJson, output: options.out, planner, gpuMemoryTargetGiB: target });
  await report(options);
}

async function report({ out, json }: PlanOptions): Promise<void> {
  const { planJson, planText } = await import('../plan/describe-plan.ts');
  process.stdout.write(json ? await planJson(out) : await planText(out));
}

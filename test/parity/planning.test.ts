// Golden values: plans and memory estimates of nnU-Net v2.8.1 for real and for made-up fingerprints; see
// shared/golden/README.md and shared/golden/planner_random/README.md.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { patchesTried } from '#core/planning/patch-size.ts';
import { planExperiment } from '#core/planning/plan-experiment.ts';
import { PLANNERS, type PlannerName } from '#core/planning/planners.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface GoldenPlans {
  readonly dataset_name: string;
  readonly plans_name: string;
  readonly image_reader_writer: string;
  readonly experiment_planner_used: string;
  readonly configurations: Record<string, GoldenConfiguration>;
}

interface GoldenConfiguration {
  readonly inherits_from?: string;
  data_identifier: string;
  readonly spacing: number[];
  readonly median_image_size_in_voxels: number[];
}

interface DatasetJson {
  readonly channel_names: Record<string, string>;
  readonly labels: Record<string, unknown>;
  readonly numTraining: number;
  readonly file_ending: string;
}

/** One run of nnU-Net's planner: what went in, and what came out. */
interface GoldenRun {
  readonly name: string;
  readonly fingerprint: unknown;
  readonly datasetJson: DatasetJson;
  readonly plans: GoldenPlans;
  readonly gpuMemoryTargetGiB: number | null;
  readonly trace: readonly { readonly patch_size: number[]; readonly stages: number; readonly estimate: number }[];
}

const readGolden = (path: string) => JSON.parse(readFileSync(sharedPath(`golden/${path}`), 'utf8'));

describeWithShared('plans are nnU-Net’s', 'golden/plans', () => {
  const runs = goldenRuns();

  it('for enough runs to mean something', () => {
    expect(runs.length).toBeGreaterThan(100);
  });

  it.each(runs)('$name', (run) => {
    const plans = planExperiment(parseFingerprint(JSON.stringify(run.fingerprint)), asDataset(run), {
      planner: plannerNamed(run.plans.experiment_planner_used),
      imageReaderWriter: run.plans.image_reader_writer,
      gpuMemoryTargetGiB: run.gpuMemoryTargetGiB,
      overrides: {},
      configurations: ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'],
    });
    // Numbers that are not whole come from the same float64 operations in the same order.
    expectSame(JSON.parse(formatPlans(plans)), comparable(run.plans), run.name);
  });

  it.each(runs.filter(({ trace }) => trace.length > 0))('$name: every patch tried, and its memory', (run) => {
    const planner = PLANNERS[plannerNamed(run.plans.experiment_planner_used)];
    const triedFor = (name: string) => {
      const configuration = run.plans.configurations[name];
      if (configuration?.spacing === undefined) return [];
      const dimensions = configuration.spacing.length === 3 ? 3 : 2;
      const scale = (run.gpuMemoryTargetGiB ?? planner.referenceGiB) / planner.referenceGiB;
      return patchesTried({
        planner,
        spacing: configuration.spacing,
        medianImageSize: configuration.median_image_size_in_voxels,
        allowedEstimate: planner.referenceEstimate[dimensions] * scale,
        labelEntries: Object.keys(run.datasetJson.labels).length,
      }).map(({ patchSize, architecture, estimate }) => ({
        patch_size: patchSize,
        stages: architecture.strides.length,
        estimate,
      }));
    };
    const trace = run.trace.map(({ patch_size, stages, estimate }) => ({ patch_size, stages, estimate }));
    // nnU-Net plans 3d_fullres first and 2d last; the trials of 3d_lowres lie between.
    const full = triedFor('3d_fullres');
    const flat = triedFor('2d');
    expect(trace.slice(0, full.length)).toEqual(full);
    expect(trace.slice(trace.length - flat.length)).toEqual(flat);
  });
});

function goldenRuns(): GoldenRun[] {
  const real = ['Dataset004_Hippocampus', 'Dataset103_Nuclei2D', 'Dataset105_CT'].flatMap((dataset) => {
    const trace: Record<string, { patch_size: number[]; strides: number[][]; estimate: number }[]> = readGolden(
      `plans/${dataset}/estimate_trace.json`,
    );
    return Object.keys(trace).map((plansName) => ({
      name: `${dataset}, ${plansName}`,
      fingerprint: readGolden(`plans/${dataset}/dataset_fingerprint.json`),
      datasetJson: readGolden(`plans/${dataset}/dataset.json`),
      plans: readGolden(`plans/${dataset}/${plansName}.json`),
      gpuMemoryTargetGiB: null,
      trace: (trace[plansName] ?? []).map((trial) => ({ ...trial, stages: trial.strides.length })),
    }));
  });
  return [...real, ...madeUpRuns('plans_made_up'), ...madeUpRuns('planner_random'), ...optionRuns()];
}

function madeUpRuns(folder: string): GoldenRun[] {
  const files = readdirSync(sharedPath(`golden/${folder}`)).filter((file) => /^(?!d004).*\.json$/.test(file));
  return files.flatMap((file) => {
    const { fingerprint, dataset_json, plans, estimates } = readGolden(`${folder}/${file}`);
    return Object.keys(plans)
      .filter((plansName) => estimates?.[plansName]?.arguments.overwrite_target_spacing === undefined)
      .map((plansName) => ({
        name: `${file}, ${plansName}`,
        fingerprint,
        datasetJson: dataset_json,
        plans: plans[plansName],
        gpuMemoryTargetGiB: estimates?.[plansName]?.arguments.gpu_memory_target_in_gb ?? null,
        trace: estimates?.[plansName]?.trace ?? [],
      }));
  });
}

/** The Hippocampus fingerprint with other memory targets. Target spacings given by hand are no option here. */
function optionRuns(): GoldenRun[] {
  const { plans } = readGolden('planner_random/d004_options.json');
  const targets = {
    'gpu_memory_target_0.05': 0.05,
    gpu_memory_target_4: 4,
    gpu_memory_target_16: 16,
    resencL_gpu_12: 12,
  };
  return Object.entries(targets).map(([option, gpuMemoryTargetGiB]) => ({
    name: `Dataset004_Hippocampus, ${option}`,
    fingerprint: readGolden('plans/Dataset004_Hippocampus/dataset_fingerprint.json'),
    datasetJson: readGolden('plans/Dataset004_Hippocampus/dataset.json'),
    plans: plans[option],
    gpuMemoryTargetGiB,
    trace: [],
  }));
}

/** Only the number of label entries matters to a planner, so regions and an ignore label become mere entries. */
const asDataset = ({ datasetJson, plans }: GoldenRun): DatasetDescription => ({
  name: plans.dataset_name,
  channelNames: Object.values(datasetJson.channel_names),
  labels: Object.keys(datasetJson.labels).map((name, value) => ({ name, value })),
  fileEnding: datasetJson.file_ending,
  numTraining: datasetJson.numTraining,
});

function plannerNamed(className: string): PlannerName {
  const found = Object.entries(PLANNERS).find(([, planner]) => planner.className === className);
  if (found === undefined) throw new Error(`no planner ${className}`);
  return found[0] as PlannerName;
}

/** Golden plans without what is not planned here: names given by hand, other readers. */
function comparable(golden: GoldenPlans): unknown {
  const standard = Object.values(PLANNERS).find(({ className }) => className === golden.experiment_planner_used);
  const configurations = Object.entries(golden.configurations).map(([name, plan]) => {
    const isRenamed = golden.plans_name !== standard?.plansName && plan.inherits_from === undefined;
    const shared = standard?.network === 'ResidualEncoderUNet' && name !== '3d_lowres';
    const standardName = `${shared ? 'nnUNetPlans' : standard?.plansName}_${name}`;
    return [name, isRenamed ? { ...plan, data_identifier: standardName } : plan];
  });
  return {
    ...golden,
    plans_name: standard?.plansName,
    configurations: Object.fromEntries(configurations),
  };
}

/** Equal, keys in equal order, numbers within 1e-9. */
function expectSame(actual: unknown, want: unknown, path: string): void {
  if (typeof want === 'number' && typeof actual === 'number') {
    expect(Math.abs(actual - want), `${path}: ${actual}, wanted ${want}`).toBeLessThanOrEqual(1e-9 * Math.abs(want));
  } else if (typeof want === 'object' && want !== null && typeof actual === 'object' && actual !== null) {
    expect(Object.keys(actual), path).toEqual(Object.keys(want));
    for (const [key, value] of Object.entries(want)) {
      expectSame((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else expect(actual, path).toEqual(want);
}

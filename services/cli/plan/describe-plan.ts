import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { parsePlans } from '#formats/plans-json.ts';

/** A line per configuration: patch, batch, spacing and stages. @param folder with a plans.json. */
export async function planText(folder: string): Promise<string> {
  const { configurations } = await plansIn(folder);
  const width = Math.max(...configurations.map(({ name }) => name.length));
  const line = ({ name, patchSize, batchSize, spacing, architecture, previousStage }: ConfigurationPlan) =>
    `${name.padEnd(width)}  patch ${patchSize.join(' x ')}, batch ${batchSize}, spacing ` +
    `${spacing.map((mm) => Number(mm.toFixed(4))).join(' x ')} mm, ${architecture.featuresPerStage.length} stages` +
    `${previousStage === null ? '' : `, after ${previousStage}`}\n`;
  return `${configurations.map(line).join('')}written to ${folder}\n`;
}

/** The same for programs. */
export async function planJson(folder: string): Promise<string> {
  const { planner, plansName, configurations } = await plansIn(folder);
  const rows = configurations.map(({ name, patchSize, batchSize, spacing, previousStage }) => ({
    name,
    patchSize,
    batchSize,
    spacing,
    previousStage,
  }));
  return `${JSON.stringify({ folder, planner, plansName, configurations: rows }, null, 2)}\n`;
}

const plansIn = async (folder: string): Promise<Plans> =>
  parsePlans(await readFile(join(folder, 'plans.json'), 'utf8'));

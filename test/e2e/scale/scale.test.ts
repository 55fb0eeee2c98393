// Many Tasks at once: what their controller costs, and whether the cost of one stays what it is. Writes docs/benchmarks.md.
//
//   npm run test:scale                          10, 100 and 1,000 Tasks of 20 trainings on 500 nodes
//   TASKS=10,100 NODES=50 npm run test:scale    other sizes

import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { total } from '#test/scale/request-counts.ts';
import { runAtScale, type ScaleReport, trainings } from '#test/scale/scale-run.ts';
import { idleTable, replaceTables, runTable } from '#test/scale/scale-tables.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';

const PAGE = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
const SIZES = (process.env.TASKS ?? '10,100,1000').split(',').map(Number);
const NODES = Number(process.env.NODES ?? 500);
const FINISHED_TASKS = 1000;
const HOUR_MS = 3_600_000;

await describeWithServers('many Tasks', ['kubernetes', 'nats', 'versitygw', 'kwok'], () => {
  const reports: ScaleReport[] = [];
  let loadBefore = 0;
  beforeAll(() => {
    loadBefore = loadavg()[0] ?? 0;
  });

  test.each(SIZES)('%d of them succeed at once', { timeout: HOUR_MS }, async (tasks) => {
    const report = await runAtScale({
      ...{ tasks, nodes: NODES, folds: 5, patienceSeconds: 3500 },
      configurations: ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'],
      idle: tasks === SIZES[0] ? { seconds: 60, finishedTasks: FINISHED_TASKS } : null,
    });
    reports.push(report);
    expect(report.failedPods).toBe(0);
    expect(total(report.apiRequests) / trainings(report.size)).toBeLessThanOrEqual(60);
    expect(report.largestStatusBytes).toBeLessThan(16 * 1024);
    if (report.idle === null) return;
    for (const idle of Object.values(report.idle)) expect(idle.core).toBeLessThanOrEqual(0.01);
    expect(report.idle.startedAnew.rssMiB).toBeLessThanOrEqual(150);
  });

  // After each, so that a series that is broken off leaves what it found.
  afterEach(async () => {
    const load = `${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
    const machine = `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, load ${load}`;
    const page = await readFile(PAGE, 'utf8');
    await writeFile(PAGE, replaceTables(page, [`On ${machine}.`, runTable(reports), ...reports.flatMap(idleTable)]));
  });
});

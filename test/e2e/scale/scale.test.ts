import { test } from 'vitest';
import { runAtScale } from '#test/scale/scale-run.ts';

test('x', { timeout: 3_600_000 }, async () => {
  const tasks = Number(process.env.TASKS ?? 10);
  const report = await runAtScale({
    tasks,
    nodes: Number(process.env.NODES ?? 500),
    configurations: ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'],
    folds: 5,
    patienceSeconds: 3000,
    idleSeconds: Number(process.env.IDLE ?? 0),
  });
  console.log(report);
});

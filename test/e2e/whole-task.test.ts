// One Task on real data, twice: on a cluster with a real node, and on this machine alone. Both end with the same bytes.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import { runProgram } from '#test/servers/run-program.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { realTask } from './real-task.ts';
import type { Report } from './whole-task-on-a-node.ts';

const program = fileURLToPath(new URL('whole-task-on-a-node.ts', import.meta.url));
const pentafold = fileURLToPath(new URL('../../bin/pentafold', import.meta.url));
const DATASET = 'data/Task04_Hippocampus';

await describeWithServers(
  'a Task on a cluster with a real node',
  ['kubernetes', 'containerd', 'helm', 'nats', 'versitygw'],
  () =>
    describeWithShared('and real data', DATASET, () => {
      let report: Report;
      beforeAll(async () => {
        process.env.DATASET = sharedPath(DATASET);
        const ended = await runOnPrivateMachine(program);
        expect(ended.exitCode, ended.stderr).toBe(0);
        report = JSON.parse(ended.stdout);
      }, 600_000);

      it('comes to its Model by one pod for each step', () => {
        const folds = ['2d', '3d_fullres'].flatMap((name) => [0, 1].map((fold) => `train ${name} fold ${fold}`));
        const steps = ['ensemble', 'ingest', 'preprocess 2d', 'preprocess 3d_fullres', 'publish', ...folds];
        expect(report.pods).toEqual(steps.map((step) => `${step}: Succeeded`).sort());
        expect(report.told).toMatch(
          /STATE +PROGRESS +BEST-DICE +ETA +AGE\nhippocampus +ModelPublished +100% +0\.\d{3} /,
        );
      });

      it('ends as on one machine, byte for byte', { timeout: 300_000 }, async () => {
        await using folder = await temporaryFolder();
        const task = join(folder.path, 'task.yaml');
        await writeFile(task, stringify(realTask(sharedPath(DATASET))));
        const home = join(folder.path, 'home');
        const ended = await runProgram(pentafold, ['run', task, '--home', home], process.env);
        expect(ended.exitCode, ended.stderr).toBe(0);
        const model = JSON.parse(await readFile(join(home, 'models', 'hippocampus.json'), 'utf8'));
        expect(model.spec.step).toBe(report.publishStep);
      });
    }),
);

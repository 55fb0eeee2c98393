// The demo as a person runs it, with the smoke Task instead of its own: every command from data to pictures, on the real
// engine and with real worker processes.

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNifti } from '#formats/nifti.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { generatePhantom } from '../../../examples/phantom/generate.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

/** The demo writes below its checkout; this one is made of links, so that a person's own `demo-output` stays. */
async function linkedCheckout(folder: string): Promise<void> {
  await mkdir(join(folder, 'bin'));
  for (const path of ['bin/demo', 'bin/pentafold', 'examples', 'lib', 'node_modules'])
    await symlink(join(CHECKOUT, path), join(folder, path));
}

/** Fewer cases than the demo would make: it uses a data set that is there. */
async function putDataset(output: string): Promise<void> {
  await generatePhantom(join(output, 'dataset'), 0, 6, 2);
  await writeFile(join(output, 'source'), 'phantom\n');
}

const absence = await engineAbsence('torch');
const required = process.env.REQUIRE_TORCH === '1';

describe.skipIf(absence !== null && !required)(
  `the demo with the smoke Task${absence === null ? '' : ` (skipped: ${absence})`}`,
  () => {
    let folder: TemporaryFolder;
    let stdout: string;
    const at = (...path: string[]): string => join(folder.path, 'demo-output', ...path);
    const json = async (...path: string[]) => JSON.parse(await readFile(at(...path), 'utf8'));

    beforeAll(async () => {
      folder = await temporaryFolder();
      await linkedCheckout(folder.path);
      await putDataset(at());
      const demo = join(folder.path, 'bin', 'demo');
      ({ stdout } = await promisify(execFile)(demo, ['--task', 'examples/smoke/task.yaml']));
    }, 300_000);
    afterAll(() => folder[Symbol.asyncDispose]());

    it('publishes the best of two configurations and their pairs', async () => {
      expect(stdout).toContain('Task smoke succeeded.');
      const { ranking } = await json('report', 'summary.json');
      const candidates = ranking.map(({ members, voting }: { members: string[]; voting: string }) =>
        [...members, voting].join(' '),
      );
      expect(candidates.sort()).toEqual(['2d 3d_fullres hard', '2d 3d_fullres soft', '2d soft', '3d_fullres soft']);
      const model = await readdir(at('home', 'models', 'smoke'));
      expect(model).toEqual(expect.arrayContaining(['dataset.json', 'plans.json']));
    });

    it('segments each new image on its own grid', async () => {
      const images = await readdir(at('dataset', 'imagesTs'));
      expect(images.sort()).toEqual(['phantom_006_0000.nii.gz', 'phantom_007_0000.nii.gz']);
      for (const image of images) {
        const given = readNifti(await readFile(at('dataset', 'imagesTs', image)));
        const predicted = readNifti(await readFile(at('predictions', image.replace('_0000', ''))));
        expect(predicted.geometry).toEqual(given.geometry);
        expect(predicted.shape).toEqual(given.shape);
        expect(new Set(predicted.data)).toEqual(new Set([0, 1, 2]));
      }
    });

    it('has learnt something', async () => {
      // Half of what was measured. One label everywhere has a mean Dice of 0.02 to 0.03.
      const { best, testDice } = await json('report', 'summary.json');
      expect(best.meanDice).toBeGreaterThan(0.07);
      expect(testDice).toBeGreaterThan(0.05);
      const { foreground_mean, metric_per_case } = await json('predictions', 'summary.json');
      expect(metric_per_case).toHaveLength(2);
      expect(foreground_mean.Dice).toBeCloseTo(testDice, 12);
    });

    it('ends with a page of pictures', async () => {
      expect(stdout.trimEnd().split('\n').at(-1)).toBe('demo: open demo-output/report/index.html');
      const page = await readFile(at('report', 'index.html'), 'utf8');
      expect(page).toContain('<svg');
      expect(page).toContain('data:image/png;base64,');
    });
  },
);

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { reportCounts } from '#test/report-counts.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const run = promisify(execFile);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

const PASSES = "import { it } from 'vitest'; it('passes', () => {});";

it.each([
  { name: 'tests that pass', file: PASSES, want: { passed: 1, failed: 0 } },
  { name: 'a test that fails', file: `${PASSES} it('fails', () => { throw 1; });`, want: { passed: 1, failed: 1 } },
  {
    name: 'a suite whose beforeAll fails',
    file: `import { beforeAll, describe } from 'vitest'; ${PASSES}
      describe('suite', () => { beforeAll(() => { throw 1; }); it('one', () => {}); it('two', () => {}); });`,
    want: { passed: 1, failed: 1 },
  },
  {
    name: 'a suite whose afterAll fails',
    file: `import { afterAll } from 'vitest'; ${PASSES} afterAll(() => { throw 1; });`,
    want: { passed: 1, failed: 1 },
  },
  { name: 'a file that does not load', file: `throw 1; ${PASSES}`, want: { passed: 0, failed: 1 } },
  { name: 'a test that is skipped', file: `${PASSES} it.skip('later', () => {});`, want: { passed: 1, failed: 0 } },
])('counts $name', async ({ file, want }) => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'a.test.js'), file);
  const report = join(folder.path, 'report.json');
  const argv = [vitest, 'run', '--root', folder.path, '--reporter=json', `--outputFile=${report}`];
  await run(process.execPath, argv, { env: { ...process.env, VITEST: '' } }).catch(() => {});
  expect(reportCounts(JSON.parse(await readFile(report, 'utf8')))).toEqual(want);
});

// `npm run mutate`: changes the method's constants one by one in a copy of the repository and reports every change that
// its test does not notice. Run by hand: it takes some minutes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const print = (line: string) => process.stdout.write(`${line}\n`);

/** The repository's sources below a folder of their own; what is large or not changed is linked. */
function copyRepository(to: string): string {
  const copy = join(to, 'repository');
  for (const name of ['lib', 'services', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(join(repository, name), join(copy, name), { recursive: true, filter: (path) => !path.includes('/build') });
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  const shared = join(repository, '..', 'shared');
  if (existsSync(shared)) symlinkSync(shared, join(to, 'shared'));
  return copy;
}

/** Long for the slowest test, short for a change that makes it go on for ever. */
const TIMEOUT_MS = 180_000;

/** `endless`: they did not end in time, which a changed loop may bring about as well as a slow machine. */
type Verdict = 'passed' | 'failed' | 'endless';

async function verdictOf(copy: string, tests: readonly string[]): Promise<Verdict> {
  const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs');
  const files = tests.map((test) => `${test}.test.ts`);
  const run = spawn(process.execPath, [vitest, 'run', ...files], {
    cwd: copy,
    env: { ...process.env, REQUIRE_SHARED: '1' },
    stdio: 'ignore',
    detached: true, // a process group of its own, since a test that goes on for ever outlives its parent
  });
  let endless = false;
  const timer = setTimeout(() => {
    endless = true;
    if (run.pid !== undefined) process.kill(-run.pid, 'SIGKILL');
  }, TIMEOUT_MS);
  const [code] = await once(run, 'exit');
  clearTimeout(timer);
  if (endless) return 'endless';
  return code === 0 ? 'passed' : 'failed';
}

/** @throws {RangeError} if the text is not there exactly once: then the table is out of date. */
function changedText(text: string, { file, source, replacement }: Mutant): string {
  const occurrences = text.split(source).length - 1;
  if (occurrences !== 1) throw new RangeError(`${file}: expected "${source}" once, found it ${occurrences} times`);
  return text.replace(source, () => replacement);
}

/** How a change was noticed by its test, if it was. */
const NOTICED: Readonly<Record<Verdict, string>> = {
  passed: 'SURVIVED',
  failed: 'noticed',
  endless: `noticed only by not ending within ${TIMEOUT_MS / 1000} s`,
};

async function survivorsIn(copy: string): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  for (const [i, mutant] of MUTANTS.entries()) {
    const path = join(copy, mutant.file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, changedText(original, mutant));
    const verdict = await verdictOf(copy, [mutant.test]);
    writeFileSync(path, original);
    print(`${i + 1}/${MUTANTS.length} ${NOTICED[verdict]}: ${describe(mutant)}`);
    if (verdict === 'passed') survivors.push(mutant);
  }
  return survivors;
}

const describe = ({ file, source, replacement, test }: Mutant): string =>
  `${file}: ${source} → ${replacement} (${test})`.replace(/\s+/g, ' ');

const folder = mkdtempSync(join(tmpdir(), 'pentafold-mutate-'));
try {
  const copy = copyRepository(folder);
  const tests = [...new Set(MUTANTS.map(({ test }) => test))];
  const unchanged = await verdictOf(copy, tests);
  if (unchanged !== 'passed') throw new Error(`expected the tests to have passed without any change, got ${unchanged}`);
  const survivors = await survivorsIn(copy);
  print(survivors.length === 0 ? 'every change was noticed' : `${survivors.length} changes were not noticed`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

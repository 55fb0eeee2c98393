import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { engineAbsence } from '#test/engine-absence.ts';

const absence = await engineAbsence('torch');
const describeWithTorch = absence === null || process.env.REQUIRE_TORCH === '1' ? describe : describe.skip;

/** A process that has asked for five passes of a network and then does something else. */
const program = (ending: string): string => `
  import { openEngine } from '#compute/open-engine.ts';
  import { smallUNet, tensorOf } from '#test/engine/sample-networks.ts';
  const engine = await openEngine({ engine: 'torch', device: 'cpu', dtype: 'float32', threads: 2 });
  const network = await engine.compile(smallUNet([[1, 1, 1], [2, 2, 2]], [16, 32], 1));
  const passes = Array.from({ length: 5 }, () => network.forward(tensorOf([1, 1, 32, 32, 32], () => 1)));
  ${ending}
`;

async function exitOf(ending: string): Promise<{ code: number | null; signal: string | null }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program(ending)], {
    stdio: 'ignore',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal };
}

describeWithTorch(`a process that computes${absence === null ? '' : ` (skipped: ${absence})`}`, () => {
  it.each([
    { name: 'that exits in the middle', ending: 'process.exit(3);', want: 3 },
    { name: 'that dies of an error in the middle', ending: "throw new Error('on purpose');", want: 1 },
    { name: 'that closes nothing', ending: 'await Promise.all(passes);', want: 0 },
    { name: 'that waits for nothing', ending: '', want: 0 },
  ])('ends with its own exit code: one $name', { timeout: 120_000 }, async ({ ending, want }) => {
    expect(await exitOf(ending)).toEqual({ code: want, signal: null });
  });
});

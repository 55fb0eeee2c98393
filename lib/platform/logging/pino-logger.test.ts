import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { pinoLogger } from './pino-logger.ts';

async function linesOf(file: string): Promise<Record<string, unknown>[]> {
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('a line holds the message, the fields of the logger and of the call, and the time', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'logs', 'worker.log');
  pinoLogger({ level: 'info', file }).child({ fold: 2 }).info({ epoch: 3, trainLoss: -0.5 }, 'epoch finished');
  expect(await linesOf(file)).toEqual([
    {
      level: 30,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      fold: 2,
      epoch: 3,
      trainLoss: -0.5,
      msg: 'epoch finished',
    },
  ]);
});

test('an error keeps its message, code, stack and cause', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'worker.log');
  const err = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'STORAGE_FULL' });
  pinoLogger({ level: 'info', file }).error({ err }, 'step failed');
  const [line] = await linesOf(file);
  expect(line?.err).toMatchObject({
    message: 'outer: inner',
    code: 'STORAGE_FULL',
    stack: expect.stringContaining('caused by'),
  });
});

test('what is below the level is not written', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'worker.log');
  const log = pinoLogger({ level: 'warn', file });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]({}, level);
  expect((await linesOf(file)).map(({ msg }) => msg)).toEqual(['warn', 'error']);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MemoryBus } from '#test/memory-bus.ts';
import { testsMessageBus } from '#test/message-bus-conformance.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { systemClock } from '../clock/system-clock.ts';
import { keptMessages, LocalBus } from './local-bus.ts';

const openBus = (directory: string) => new LocalBus({ directory, clock: systemClock, pollMs: 5 });

testsMessageBus('local', async () => {
  const folder = await temporaryFolder();
  const bus = openBus(join(folder.path, 'bus'));
  return {
    bus,
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
});

testsMessageBus('memory', async () => ({ bus: new MemoryBus(), async [Symbol.asyncDispose]() {} }));

async function ids(bus: LocalBus, count: number): Promise<string[]> {
  const aborting = new AbortController();
  const taken: string[] = [];
  for await (const { id } of bus.subscribe('>', aborting.signal)) {
    taken.push(id);
    if (taken.length === count) aborting.abort();
  }
  return taken;
}

describe('LocalBus', () => {
  test('is shared by processes that publish at once', async () => {
    await using folder = await temporaryFolder();
    const program = `
      import { LocalBus } from '${new URL('./local-bus.ts', import.meta.url)}';
      const bus = new LocalBus({ directory: ${JSON.stringify(folder.path)} });
      for (let i = 0; i < 100; i++) await bus.publish({ subject: 'a', id: process.argv[1] + i, body: 'x'.repeat(3000) });`;
    const publishers = ['p', 'q', 'r'].map((one) =>
      spawn(process.execPath, ['--input-type=module', '-e', program, one], { stdio: 'inherit' }),
    );
    const taken = ids(openBus(folder.path), 300);
    await Promise.all(publishers.map((publisher) => once(publisher, 'exit')));
    expect(new Set(await taken).size).toBe(300);
  });

  test('loses no message but the one that a killed publisher left half written', async () => {
    await using folder = await temporaryFolder();
    await using bus = openBus(folder.path);
    await bus.publish({ subject: 'a', id: '1', body: null });
    await appendFile(join(folder.path, 'a.jsonl'), '\n{"id":"torn","bo');
    await bus.publish({ subject: 'a', id: '2', body: null });
    expect(await ids(bus, 2)).toEqual(['1', '2']);
  });

  test('does not read a line before its end is there', async () => {
    await using folder = await temporaryFolder();
    await using bus = openBus(folder.path);
    await writeFile(join(folder.path, 'a.jsonl'), '\n{"id":"1","bo');
    const taken = ids(bus, 2);
    await appendFile(join(folder.path, 'a.jsonl'), 'dy":null}\n\n{"id":"2","body":null}\n');
    expect(await taken).toEqual(['1', '2']);
  });

  test('keeps messages while the folder cannot be written to, up to a bound, and drops the oldest', async () => {
    await using folder = await temporaryFolder();
    const blocked = join(folder.path, 'bus');
    await writeFile(blocked, 'a file where the folder should be');
    await using bus = openBus(blocked);
    for (let i = 0; i < 1500; i++) await bus.publish({ subject: 'a', id: String(i), body: null });
    await rm(blocked);
    await bus.publish({ subject: 'a', id: '1500', body: null });
    const lines = (await readFile(join(blocked, 'a.jsonl'), 'utf8')).split('\n').filter(Boolean);
    expect(lines).toHaveLength(1000);
    expect(lines[0]).toBe('{"id":"501","body":null}');
    expect(lines.at(-1)).toBe('{"id":"1500","body":null}');
  });
});

describe('keptMessages', () => {
  test('are those of one subject, oldest first; none where nothing was published', async () => {
    await using folder = await temporaryFolder();
    expect(await keptMessages(join(folder.path, 'nowhere'), 'a')).toEqual([]);
    await using bus = openBus(folder.path);
    for (const [subject, id] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const)
      await bus.publish({ subject, id, body: null });
    expect((await keptMessages(folder.path, 'a')).map(({ id }) => id)).toEqual(['1', '3']);
  });
});

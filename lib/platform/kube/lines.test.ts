import { expect, test } from 'vitest';
import { linesOf } from './lines.ts';

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  { name: 'lines in one chunk', parts: [bytes('a\nb\n')], want: ['a', 'b'] },
  { name: 'a line in many chunks', parts: [bytes('a'), bytes('b'), bytes('c\n')], want: ['abc'] },
  { name: 'a last line that was cut off', parts: [bytes('a\nb')], want: ['a'] },
  { name: 'a character split between chunks', parts: [bytes('é').slice(0, 1), bytes('é\n').slice(1)], want: ['é'] },
  { name: 'nothing', parts: [], want: [] },
])('of $name', async ({ parts, want }) => {
  expect(await Array.fromAsync(linesOf(chunks(...parts)))).toEqual(want);
});

test('what is not ended comes back when the stream ends', async () => {
  const lines = linesOf(chunks(bytes('one\ntw'), bytes('o')));
  expect(await lines.next()).toEqual({ done: false, value: 'one' });
  expect(await lines.next()).toEqual({ done: true, value: 'two' });
});

import { describe, expect, it } from 'vitest';
import { caseBar } from './case-bar.ts';

describe('caseBar', () => {
  it('draws over itself how far the cases are and how long they take yet, no wider than the terminal', () => {
    const written: string[] = [];
    let seconds = 0;
    const terminal = { isTTY: true, columns: 70, write: (text: string) => written.push(text) };
    const bar = caseBar(terminal, () => new Date(1000 * seconds));
    bar.begin('a', 1, 4);
    seconds = 10;
    bar.begin('b', 2, 4);
    bar.begin('c'.repeat(99), 4, 4);
    bar.clear();
    expect(written.slice(0, 2)).toEqual([
      '\r\x1b[K[                        ] case 1 of 4: a',
      '\r\x1b[K[======                  ] case 2 of 4: b, about 30s left',
    ]);
    expect(written[2]).toHaveLength('\r\x1b[K'.length + 69);
    expect(written[3]).toBe('\r\x1b[K');
  });

  it('writes nothing where it cannot be drawn over', () => {
    const written: string[] = [];
    const bar = caseBar({ write: (text: string) => written.push(text) }, () => new Date(0));
    bar.begin('a', 1, 1);
    bar.clear();
    expect(written).toEqual([]);
  });
});

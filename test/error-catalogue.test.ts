import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Code → whether its class is bad input, from the sources. */
function codesInSources(): Map<string, boolean> {
  const codes = new Map<string, boolean>();
  for (const path of globSync('{lib,services}/**/*.ts', { cwd: root })) {
    if (path.endsWith('.test.ts')) continue;
    const source = readFileSync(`${root}${path}`, 'utf8');
    for (const [, base, code] of source.matchAll(/extends (\w+Error) \{[^}]*?code = '([A-Z_]+)'/g)) {
      codes.set(String(code), base === 'BadInputError');
    }
  }
  return codes;
}

describe('docs/errors.md', () => {
  const rows = [...readFileSync(`${root}docs/errors.md`, 'utf8').matchAll(/^\| `([A-Z_]+)` \| (yes)? ?\|/gm)];

  it('lists every code of the sources and no other, in alphabetical order', () => {
    expect(rows.map(([, code]) => code)).toEqual([...codesInSources().keys()].sort());
  });

  it('says of each whether it is bad input, as its class does', () => {
    expect(new Map(rows.map(([, code, bad]) => [code, bad === 'yes']))).toEqual(codesInSources());
  });
});

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

/** Codes of failures that are no error's: what the controller says of a Task or of a process. */
function codesOfFailures(): string[] {
  const sources = globSync('{lib,services}/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'));
  const found = sources.flatMap((path) => [...readFileSync(`${root}${path}`, 'utf8').matchAll(/\bcode: '([A-Z_]+)'/g)]);
  return found.map(([, code]) => String(code));
}

describe('docs/errors.md', () => {
  const rows = [...readFileSync(`${root}docs/errors.md`, 'utf8').matchAll(/^\| `([A-Z_]+)` \| (yes)? ?\|/gm)];

  it('lists every code of the sources and no other, in alphabetical order', () => {
    expect(rows.map(([, code]) => code)).toEqual(
      [...new Set([...codesInSources().keys(), ...codesOfFailures()])].sort(),
    );
  });

  it('says of each whether it is bad input, as its class does', () => {
    const classes = codesInSources();
    const said = rows.map(([, code, bad]) => [String(code), bad === 'yes'] as const);
    expect(new Map(said.filter(([code]) => classes.has(code)))).toEqual(classes);
  });
});

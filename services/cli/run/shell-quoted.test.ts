import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuoted } from './shell-quoted.ts';

test.each(['./.pentafold', '/tmp/my home', "it's $HOME `here`", ''])('a shell takes %j back as it was', (word) => {
  expect(execFileSync('sh', ['-c', `printf %s ${shellQuoted(word)}`], { encoding: 'utf8' })).toBe(word);
});

test('a word that needs no quotes has none', () => {
  expect(shellQuoted('./.pentafold-2')).toBe('./.pentafold-2');
});

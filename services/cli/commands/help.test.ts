import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { newProgram } from '../program.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** What `--help` prints for every command and subcommand, by its words. */
async function helpTexts(): Promise<ReadonlyMap<string, string>> {
  let written = '';
  const program = newProgram().configureOutput({ writeOut: (text) => (written += text) });
  for (const file of globSync('*.ts', { cwd: here }))
    if (!file.endsWith('.test.ts')) (await import(`./${file.slice(0, -3)}.ts`)).register(program, {});
  const texts = new Map<string, string>();
  const walk = (command: Command, words: readonly string[]): void => {
    written = '';
    command.outputHelp();
    texts.set(words.join(' '), written);
    for (const next of command.commands) walk(next, [...words, next.name()]);
  };
  for (const command of program.commands) walk(command, [command.name()]);
  return texts;
}

const texts = await helpTexts();

describe('--help', () => {
  it('is there for the commands of all files, and their subcommands', () => {
    for (const words of ['run', 'plan-and-preprocess', 'plot', 'plot overlay', 'convert msd', 'postprocess apply'])
      expect([...texts.keys()]).toContain(words);
  });

  it('says which options must be given', () => {
    const lines = (texts.get('predict') ?? '').replace(/\n {10,}/g, ' ').split('\n');
    const required = lines.filter((line) => line.endsWith('(required)')).map((line) => line.trim().split(/\s{2,}/)[0]);
    expect(required).toEqual(['-i, --input <dir>', '-o, --output <dir>', '-m, --model <model>']);
  });

  it.each([...texts])('of %s shows an example of it, and no default of false', (words, text) => {
    expect(text).toMatch(new RegExp(`^example: (bin/)?pentafold ${words} `, 'm'));
    expect(text).not.toContain('(default: false)');
  });
});

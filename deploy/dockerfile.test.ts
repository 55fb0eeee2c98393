import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { RUN } from './build-image.ts';

describe('deploy/Dockerfile', () => {
  it('runs its programs as the image does that is made without Docker', async () => {
    const lines = (await readFile(new URL('Dockerfile', import.meta.url), 'utf8')).split('\n');
    const last = lines.slice(lines.indexOf('FROM scratch'));
    const argument = (instruction: string) =>
      last.find((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);
    expect(argument('USER')).toBe(RUN.user);
    expect(argument('WORKDIR')).toBe(RUN.workingFolder);
    expect(JSON.parse(argument('ENTRYPOINT') ?? '')).toEqual(RUN.entrypoint);
    expect(argument('ENV')).toBe(
      Object.entries(RUN.env)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    );
  });
});

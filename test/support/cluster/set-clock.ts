import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const SOURCE = fileURLToPath(new URL('set-clock.c', import.meta.url));

/** A clock of programs that are started with its environment; those that run too hear within a second when it is set. */
export interface SetClock {
  readonly environment: Readonly<Record<string, string>>;
  /** How far it is ahead; behind, if negative. */
  set(seconds: number): Promise<void>;
}

/** A clock that is right at first. @param folder for what is compiled, and for how far the clock is off. */
export async function aSetClock(folder: string): Promise<SetClock> {
  const library = join(folder, 'set-clock.so');
  await execute('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-o', library, SOURCE]);
  const offsetFile = join(folder, 'clock-offset');
  const set = (seconds: number) => writeFile(offsetFile, String(seconds));
  await set(0);
  return { environment: { LD_PRELOAD: library, CLOCK_OFFSET_FILE: offsetFile }, set };
}

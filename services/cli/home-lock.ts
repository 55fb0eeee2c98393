import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BadInputError, PentafoldError } from '#core/errors.ts';
import { makeFolder } from '#files/make-folder.ts';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';

/** Thrown when another run works on the same home. */
export class HomeInUseError extends PentafoldError {
  readonly code = 'HOME_IN_USE';

  constructor(home: string, pid: number) {
    super(`process ${pid} works on ${home} already; wait for it, end it, or choose another --home`);
  }
}

/** Thrown when a home is neither a folder that can be written to nor can be made one. */
export class HomeUnusableError extends BadInputError {
  readonly code = 'HOME_UNUSABLE';

  constructor(home: string, options: { readonly cause: Error }) {
    super(`nothing can be kept in the home ${home}: ${options.cause.message}; choose another --home`, options);
  }
}

/**
 * Takes the lock file of a home for this process, so that two runs never work on one home.
 *
 * The file names its holder by process id and start time, so that the lock of a dead process is taken over, also when
 * its id has been given to another one since.
 *
 * @throws {HomeInUseError} while its holder lives.
 * @throws {HomeUnusableError} when the home can be neither made nor written to.
 */
export async function lockHome(path: string): Promise<AsyncDisposable> {
  const mine = `${process.pid} ${(await startTime(process.pid)) ?? ''}\n`;
  try {
    await makeFolder(dirname(path));
    await take(path, mine);
  } catch (error) {
    if (error instanceof HomeInUseError || !(error instanceof Error)) throw error;
    throw new HomeUnusableError(dirname(path), { cause: error });
  }
  return {
    async [Symbol.asyncDispose]() {
      if ((await textOf(path)) === mine) await rm(path, { force: true });
    },
  };
}

/** How often a lock may be seen and be gone again. Others come and go so, but not for long. */
const TRIES = 100;

/** @throws {HomeInUseError} while the holder of the lock lives. */
async function take(path: string, mine: string): Promise<void> {
  const own = `${path}.${process.pid}`;
  try {
    await writeFile(own, mine);
    for (let tries = 0; tries < TRIES; tries++) {
      if (await linked(own, path)) return;
      await clearIfDead(path);
    }
  } finally {
    await rm(own, { force: true });
  }
  throw new Error(`${path} should be the lock file of a run, and is no file`);
}

/** link(2) makes the whole file appear or fails: there is no moment with an empty lock. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function clearIfDead(path: string): Promise<void> {
  const held = await textOf(path);
  if (held === undefined) return;
  const [pid = '', started = ''] = held.trim().split(' ');
  if (await lives(Number(pid), started)) throw new HomeInUseError(dirname(path), Number(pid));
  const aside = `${path}.${process.pid}.stale`;
  const moved = await orAbsent(() => rename(path, aside).then(() => true));
  if (moved === undefined) return;
  // Someone else may have cleared the stale lock and taken it in between: then this is theirs, and goes back.
  if ((await textOf(aside)) !== held) await linked(aside, path);
  await rm(aside, { force: true });
}

async function lives(pid: number, started: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  return started === '' ? answers(pid) : (await startTime(pid)) === started;
}

/** Where there is no /proc. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** When a process started, in clock ticks since boot: field 22 of its stat; `undefined` when it is gone, or a zombie. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await textOf(`/proc/${pid}/stat`).catch((error: unknown) => {
    // It ended while it was read.
    if (systemErrorCode(error) === 'ESRCH') return undefined;
    throw error;
  });
  // The name in parentheses may hold spaces; what follows it begins with field 3, the state.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

const textOf = (path: string): Promise<string | undefined> => orAbsent(() => readFile(path, 'utf8'));

import { readFile } from 'node:fs/promises';

/** What a process of this machine has taken so far, as Linux counts it. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** Of memory, now. */
  readonly rssMiB: number;
  /** Of memory, at most so far. */
  readonly highestRssMiB: number;
}

/** Linux tells times in hundredths of a second on every architecture that we run on. */
const TICKS_PER_SECOND = 100;

/** @see proc(5), `/proc/pid/stat` and `/proc/pid/status`. */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all(['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')));
  // The second field, the program's name, may hold spaces; the first after it is the third.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  const mebibytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status ?? '')?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMiB: mebibytes('VmRSS'),
    highestRssMiB: mebibytes('VmHWM'),
  };
}

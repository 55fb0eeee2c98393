// What `pentafold doctor` looks at: each check by itself, so that one more is one more entry and nothing else changes.

/** What a check found. `warning`: it works, but not as one would wish. `fault`: a Task cannot be carried out. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'fault';
  /** What is there, or what is wrong; a phrase. */
  readonly detail: string;
  /** What to do; `null` where nothing is to be done. */
  readonly remedy: string | null;
}

export interface Check {
  /** For people: `engine torch`. */
  readonly name: string;
  /** Changes nothing that lasts. What it throws is a fault. */
  readonly look: () => Promise<Finding>;
}

export interface CheckedFinding extends Finding {
  readonly name: string;
}

export const ok = (detail: string): Finding => ({ level: 'ok', detail, remedy: null });
export const warning = (detail: string, remedy: string): Finding => ({ level: 'warning', detail, remedy });
export const fault = (detail: string, remedy: string): Finding => ({ level: 'fault', detail, remedy });

/** Looks at everything, one after the other. */
export async function examine(checks: readonly Check[]): Promise<CheckedFinding[]> {
  const findings: CheckedFinding[] = [];
  for (const { name, look } of checks) findings.push({ name, ...(await look().catch(unforeseen)) });
  return findings;
}

const unforeseen = (error: unknown): Finding =>
  fault(error instanceof Error ? error.message : String(error), 'see docs/errors.md for the code, if it has one');

/** Whether a Task can be carried out. */
export const isHealthy = (findings: readonly Finding[]): boolean => findings.every(({ level }) => level !== 'fault');

/** One line a check, with what to do below it, and a last line with the verdict. @param place of the Tasks: `here`. */
export function findingsText(findings: readonly CheckedFinding[], place: string): string {
  const width = Math.max(0, ...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ level, name, detail, remedy }) => [
    `${level.padEnd(7)}  ${name.padEnd(width)}  ${detail}`,
    ...(remedy === null ? [] : [`${' '.repeat(7 + 2 + width + 2)}${remedy}`]),
  ]);
  const faults = findings.filter(({ level }) => level === 'fault').map(({ name }) => name);
  const verdict =
    faults.length === 0 ? `Tasks can be carried out ${place}` : `to be mended first: ${faults.join(', ')}`;
  return `${[...lines, verdict].join('\n')}\n`;
}

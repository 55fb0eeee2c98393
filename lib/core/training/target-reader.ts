import type { TargetLabels } from './loss-options.ts';

/** What a label means to each head. */
export interface TargetReader {
  /** A voxel is in one class (softmax), not in any number of regions (sigmoids). */
  readonly exclusive: boolean;
  /** Whether there is a label that does not count. */
  readonly ignores: boolean;
  /** Background has no Dice of its own where heads are classes. */
  readonly firstDiceHead: 0 | 1;
  /** Whether voxels of this label count. */
  counts(label: number): boolean;
  isIn(label: number, head: number): 0 | 1;
  /** @throws {RangeError} for a label that means nothing. */
  check(label: number): void;
}

/** Reads targets for a network of so many heads. */
export function targetReader({ regions, ignore }: TargetLabels, heads: number): TargetReader {
  const known = knownLabels({ regions, ignore }, heads);
  const inRegion = regions?.map((labels) => new Set(labels));
  return {
    exclusive: regions === null,
    ignores: ignore !== null,
    firstDiceHead: regions === null ? 1 : 0,
    counts: (label) => label !== ignore,
    isIn: (label, head) => ((inRegion ? inRegion[head]?.has(label) : label === head) ? 1 : 0),
    check(label) {
      if (!known.has(label))
        throw new RangeError(`expected labels ${[...known].join(', ')} in the target, got ${label}`);
    },
  };
}

/** The labels that a target may hold: background, the classes or those of any region, and the one to ignore. */
export function knownLabels({ regions, ignore }: TargetLabels, heads: number): ReadonlySet<number> {
  const classes = regions ? [0, ...regions.flat()] : Array.from({ length: heads }, (_, head) => head);
  return new Set([...classes, ...(ignore === null ? [] : [ignore])].sort((a, b) => a - b));
}

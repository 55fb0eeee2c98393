import type { KubeObject } from '../../kube/kube-object.ts';

type Made = Pick<KubeObject, 'metadata'>;

/** The oldest first; of those that were made in the same second, by name. */
export const byAge = (a: Made, b: Made): number => (ageKey(a) < ageKey(b) ? -1 : 1);

const ageKey = ({ metadata: { creationTimestamp, name } }: Made): string => creationTimestamp + name;

export const newest = <T extends Made>(made: readonly T[]): T | undefined => made.toSorted(byAge).at(-1);

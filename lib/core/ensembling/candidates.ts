import type { Voting } from './voting.ts';

/** Something that could be published: one configuration, or two that vote. */
export interface Ensemble {
  /** Configurations, in the order of the plans. */
  readonly members: readonly string[];
  /** How the members are joined; `soft` for a single configuration, which has nobody to vote with. */
  readonly voting: Voting;
}

/**
 * Everything to be scored: each configuration alone, then every pair with each kind of voting.
 *
 * The order is the order in which equal scores are ranked: singles before pairs, soft before hard, then as in the
 * plans. Never more than two members, as in nnU-Net; hard voting is our addition.
 *
 * @param configurations in the order of the plans.
 * @param voting kinds to try for pairs, each at most once, in any order.
 * @see nnU-Net v2, evaluation/find_best_configuration.py, find_best_configuration
 */
export function candidates(configurations: readonly string[], voting: readonly Voting[]): Ensemble[] {
  const singles = configurations.map((name): Ensemble => ({ members: [name], voting: 'soft' }));
  const pairs = configurations.flatMap((first, i) => configurations.slice(i + 1).map((second) => [first, second]));
  const kinds = (['soft', 'hard'] as const).filter((kind) => voting.includes(kind));
  return [...singles, ...kinds.flatMap((kind) => pairs.map((members): Ensemble => ({ members, voting: kind })))];
}

/** A candidate's name in files: `2d`, `2d+3d_fullres-soft`. */
export const candidateName = ({ members, voting }: Ensemble): string =>
  members.length === 1 ? members.join() : `${members.join('+')}-${voting}`;

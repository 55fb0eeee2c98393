/**
 * The known name that somebody who wrote `name` most likely meant.
 *
 * The one with the fewest letters to insert, remove or exchange, if that is at most a third of the longer name; case does
 * not count, so `batchsize` is nearest to `batchSize`.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(name.length, candidate.length) / 3);
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** Levenshtein's: single-letter insertions, removals and exchanges from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let previous: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const current = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const exchange = (previous[j] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(exchange, (previous[j + 1] ?? 0) + 1, (current[j] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

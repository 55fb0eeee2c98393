/** Requests to a store that one step has under way: latency is hidden, and neither memory nor the store is strained. */
const AT_ONCE = 8;

/**
 * Does the same for each of several items, some of them at once.
 *
 * After a failure nothing more is begun, what is under way is waited for, and the first failure is thrown: nothing goes on
 * behind the back of who asked.
 *
 * @param atOnce how many are under way at most; fewer where each takes much memory.
 * @returns the results in the order of the items, whichever came first.
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  work: (item: T) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items].entries();
  const failures: unknown[] = [];
  const workThrough = async () => {
    for (const [i, item] of waiting) {
      try {
        results[i] = await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, workThrough));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Keys of what is to be found, by what it is looked for with. No entry is empty. */
export type KeyIndex = Map<string, Set<string>>;

export function enter(index: KeyIndex, entry: string, key: string): void {
  const keys = index.get(entry);
  if (keys === undefined) index.set(entry, new Set([key]));
  else keys.add(key);
}

export function leave(index: KeyIndex, entry: string, key: string): void {
  const keys = index.get(entry);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(entry);
}

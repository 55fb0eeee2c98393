import { enter, type KeyIndex, leave } from './key-index.ts';
import { isOlder, type KubeObject, type ObjectRef } from './kube-object.ts';

/** What became of one object. */
export type Change<T> =
  | { readonly type: 'added'; readonly after: T }
  | { readonly type: 'changed'; readonly before: T; readonly after: T }
  | { readonly type: 'removed'; readonly before: T };

/** Objects as last seen, found by name, namespace, label and owner. Treat them as frozen: all readers share them. */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #byNamespace: KeyIndex = new Map();
  readonly #byLabel: KeyIndex = new Map();
  readonly #byOwner: KeyIndex = new Map();

  get size(): number {
    return this.#objects.size;
  }

  get({ namespace, name }: ObjectRef): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** By namespace and name. */
  all(): T[] {
    return this.#sorted(this.#objects.keys());
  }

  inNamespace(namespace: string): T[] {
    return this.#sorted(this.#byNamespace.get(namespace) ?? []);
  }

  withLabel(label: string, value: string): T[] {
    return this.#sorted(this.#byLabel.get(labelKey(label, value)) ?? []);
  }

  ownedBy(uid: string): T[] {
    return this.#sorted(this.#byOwner.get(uid) ?? []);
  }

  /** @returns what that changed; nothing where this state or a newer one is known already. */
  set(object: T): Change<T> | undefined {
    const key = keyOfObject(object);
    const before = this.#objects.get(key);
    if (before !== undefined && !isOlder(before.metadata.resourceVersion, object.metadata.resourceVersion)) {
      return undefined;
    }
    if (before !== undefined) this.#forget(key, before);
    this.#objects.set(key, object);
    for (const [index, entry] of this.#entriesOf(object)) enter(index, entry, key);
    return before === undefined ? { type: 'added', after: object } : { type: 'changed', before, after: object };
  }

  /** @returns what that changed; nothing where the object is not known, or was made anew since. */
  remove(object: T): Change<T> | undefined {
    return this.#removeUpTo(keyOfObject(object), object.metadata.resourceVersion);
  }

  /**
   * Takes over a list.
   *
   * @param resourceVersion as of when: what is newer here stays.
   * @returns what that changed.
   */
  replace(objects: readonly T[], resourceVersion: string): Change<T>[] {
    const listed = new Set(objects.map(keyOfObject));
    const gone = [...this.#objects.keys()].filter((key) => !listed.has(key));
    const changes = [
      ...gone.map((key) => this.#removeUpTo(key, resourceVersion)),
      ...objects.map((object) => this.set(object)),
    ];
    return changes.filter((change) => change !== undefined);
  }

  #removeUpTo(key: string, resourceVersion: string): Change<T> | undefined {
    const before = this.#objects.get(key);
    if (before === undefined || isOlder(resourceVersion, before.metadata.resourceVersion)) return undefined;
    this.#forget(key, before);
    return { type: 'removed', before };
  }

  #forget(key: string, object: T): void {
    this.#objects.delete(key);
    for (const [index, entry] of this.#entriesOf(object)) leave(index, entry, key);
  }

  #entriesOf({ metadata }: T): [KeyIndex, string][] {
    return [
      [this.#byNamespace, metadata.namespace ?? ''],
      ...Object.entries(metadata.labels ?? {}).map(([label, value]): [KeyIndex, string] => [
        this.#byLabel,
        labelKey(label, value),
      ]),
      ...(metadata.ownerReferences ?? []).map(({ uid }): [KeyIndex, string] => [this.#byOwner, uid]),
    ];
  }

  #sorted(keys: Iterable<string>): T[] {
    return [...keys].sort().flatMap((key) => this.#objects.get(key) ?? []);
  }
}

/** Neither part can hold a slash. */
const keyOf = (namespace: string | null, name: string): string => `${namespace ?? ''}/${name}`;

const keyOfObject = ({ metadata }: KubeObject): string => keyOf(metadata.namespace ?? null, metadata.name);

const labelKey = (label: string, value: string): string => `${label}=${value}`;

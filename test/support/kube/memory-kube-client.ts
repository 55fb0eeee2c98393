import type { Listing, Selection, WatchEvent } from '#platform/kube/kube-client.ts';
import type { Desired, KubeObject, ObjectRef, Resource } from '#platform/kube/kube-object.ts';

type Wake = () => void;

/** As much of an API server's client as stores and runners use, in memory; without validation or field owners. */
export class MemoryKubeClient {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #events = new Map<string, WatchEvent<KubeObject>[]>();
  readonly #waiting = new Set<Wake>();
  #version = 1;
  /** Writes so far. */
  writes = 0;

  async list<T extends KubeObject>({ plural }: Resource<T>, _selection: Selection): Promise<Listing<T>> {
    return { items: [...this.#kind(plural).values()] as T[], resourceVersion: String(this.#version) };
  }

  async *watch<T extends KubeObject>(
    { plural }: Resource<T>,
    _selection: Selection,
    _from: object,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const events = this.#events.get(plural) ?? [];
    this.#events.set(plural, events);
    for (let next = events.length; !signal.aborted; ) {
      for (; next < events.length; next++) yield events[next] as WatchEvent<T>;
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async get<T extends KubeObject>({ plural }: Resource<T>, { name }: ObjectRef): Promise<T | undefined> {
    return this.#kind(plural).get(name) as T | undefined;
  }

  /** Stores an object as it is, as somebody else would. */
  set<T extends KubeObject>(resource: Resource<T>, object: Omit<Desired<T>, never> & { readonly status?: object }): T {
    const kind = this.#kind(resource.plural);
    const { name } = object.metadata;
    const before = kind.get(name);
    const metadata = {
      ...{ uid: `uid-of-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
      ...before?.metadata,
      ...object.metadata,
      resourceVersion: String(++this.#version),
    };
    const stored = { ...object, metadata } as unknown as T;
    kind.set(name, stored);
    this.#tell(resource.plural, { type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: Desired<T>): Promise<T> {
    this.writes += 1;
    return this.set(resource, object);
  }

  async apply<T extends KubeObject>(resource: Resource<T>, object: Desired<T>): Promise<T> {
    this.writes += 1;
    return this.set(resource, object);
  }

  async replaceStatus<T extends KubeObject>(resource: Resource<T>, of: T, status: object): Promise<T> {
    this.writes += 1;
    const stored = this.#kind(resource.plural).get(of.metadata.name) ?? of;
    return this.set(resource, { ...stored, status } as unknown as Desired<T>);
  }

  async delete<T extends KubeObject>({ plural }: Resource<T>, { name }: ObjectRef): Promise<void> {
    const object = this.#kind(plural).get(name);
    this.#kind(plural).delete(name);
    if (object !== undefined) this.#tell(plural, { type: 'DELETED', object });
  }

  #kind(plural: string): Map<string, KubeObject> {
    const kind = this.#objects.get(plural) ?? new Map();
    this.#objects.set(plural, kind);
    return kind;
  }

  #tell(plural: string, event: WatchEvent<KubeObject>): void {
    this.#events.get(plural)?.push(event);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

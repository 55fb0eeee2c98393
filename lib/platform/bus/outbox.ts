/** One thing that waits to be sent. */
export interface Waiting<T> {
  readonly content: T;
  /** Resolves when it was sent or dropped, or when `release` says not to wait for it. */
  readonly released: Promise<void>;
}

/** What waits to be sent, in order: never more than a bound, beyond which the oldest is dropped. */
export class Outbox<T> {
  readonly #most: number;
  readonly #waiting: { readonly content: T; readonly released: Promise<void>; readonly release: () => void }[] = [];
  #dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The oldest that waits. */
  get first(): Waiting<T> | undefined {
    return this.#waiting[0];
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** How many were dropped, in all. */
  get dropped(): number {
    return this.#dropped;
  }

  add(content: T): Waiting<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const added = { content, released: promise, release: resolve };
    this.#waiting.push(added);
    if (this.#waiting.length > this.#most) this.#dropOldest();
    return added;
  }

  /** Takes out what was sent, or never can be; it may have been dropped meanwhile. */
  remove(one: Waiting<T>): void {
    if (this.#waiting[0] === one) this.#waiting.shift()?.release();
  }

  /** Lets everybody go who waits for something: it may take long now. */
  release(): void {
    for (const { release } of this.#waiting) release();
  }

  #dropOldest(): void {
    this.#waiting.shift()?.release();
    this.#dropped++;
  }
}

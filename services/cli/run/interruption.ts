/** What a person's wish to stop comes through; `process` fits. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: () => void): unknown;
  off(event: NodeJS.Signals, listener: () => void): unknown;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Counts the wishes to stop: the first asks for a checkpoint, every further one to stop at once. */
export class Interruption implements Disposable {
  readonly #source: SignalSource;
  readonly #onWish: (wish: 'checkpoint' | 'now') => void;
  #wishes = 0;

  constructor(source: SignalSource, onWish: (wish: 'checkpoint' | 'now') => void) {
    this.#source = source;
    this.#onWish = onWish;
    for (const signal of SIGNALS) source.on(signal, this.#listener);
  }

  get requested(): boolean {
    return this.#wishes > 0;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#listener);
  }

  readonly #listener = (): void => {
    this.#wishes += 1;
    this.#onWish(this.#wishes === 1 ? 'checkpoint' : 'now');
  };
}

/** Lets one who acts upon changes wait for the next, without missing those that come while it acts. */
export class ChangeSignal {
  #noted = false;
  #next = Promise.withResolvers<void>();

  /** Something changed. */
  note(): void {
    this.#noted = true;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  /** Resolves at the next change, at once if there was one since the last wait, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (!this.#noted) await this.#noteOrAbort(signal);
    if (!signal.aborted) this.#noted = false;
  }

  async #noteOrAbort(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#next.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Tells whoever waits that something changed. A change between a look and the wait for the next one is not missed. */
export class ChangeBell {
  #rung = false;
  #next = Promise.withResolvers<void>();

  ring(): void {
    this.#rung = true;
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  /** To be called before looking: what rang until now is seen. */
  looked(): void {
    this.#rung = false;
  }

  /** Resolves at the next change since `looked`, or when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#rung || signal.aborted) return;
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#next.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  }
}

/** What of a process is listened to; `process` itself fits. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  readonly channel?: { unref(): void } | undefined;
}

/** A process's wish to end, as two signals; fits `StopSignals`. */
export interface ProcessSignals {
  readonly checkpoint: AbortSignal;
  readonly now: AbortSignal;
}

/**
 * Turns what reaches a step's process into wishes to end.
 *
 * SIGTERM, however often, and the end of the parent (its IPC channel closes) ask for a checkpoint. SIGINT, sent by a person
 * at a terminal, asks for one too, and a second SIGINT to end at once.
 */
export function processSignals(source: SignalSource): ProcessSignals {
  const checkpoint = new AbortController();
  const now = new AbortController();
  source.on('SIGTERM', () => checkpoint.abort());
  source.on('disconnect', () => checkpoint.abort());
  source.on('SIGINT', () => {
    if (checkpoint.signal.aborted) now.abort();
    checkpoint.abort();
  });
  // Listening for the parent's end must not by itself keep a finished process alive.
  source.channel?.unref();
  return { checkpoint: checkpoint.signal, now: now.signal };
}

import type { MessageBus } from '#platform/bus/message-bus.ts';
import { metricsSubjectsOf } from '#steps/step-names.ts';
import type { EpochBoard } from './epoch-board.ts';

/** Notes on a board what the bus says of the epochs of a Task, until disposed of. */
export function listenToMetrics(bus: MessageBus, taskUid: string, epochs: EpochBoard): AsyncDisposable {
  const listening = new AbortController();
  const listener = (async () => {
    for await (const message of bus.subscribe(metricsSubjectsOf(taskUid), listening.signal)) {
      epochs.note(message);
    }
  })();
  // The bus is never truth: without it the table lacks numbers, and the run goes on.
  const quietly = listener.catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      listening.abort();
      await quietly;
    },
  };
}

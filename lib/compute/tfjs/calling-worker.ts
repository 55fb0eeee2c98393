import { Worker } from 'node:worker_threads';
import type { AnswerMessage, CallMessage, CallName, Calls } from './calls.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The main thread's end of the worker: a call is a promise of its answer. */
export class CallingWorker implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url));
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | null = null;

  constructor() {
    this.#worker.on('message', (answer: AnswerMessage) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#end(new Error('the tfjs worker thread failed', { cause })));
    this.#worker.on('exit', () => this.#end(new Error('the tfjs engine has been closed')));
  }

  call<N extends CallName>(name: N, ...parameters: Parameters<Calls[N]>): Promise<Awaited<ReturnType<Calls[N]>>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const message: CallMessage = { id: ++this.#lastId, name, parameters };
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage(message);
    });
  }

  /** Ends the thread; calls still waiting fail at once, however near their answers are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Error('the tfjs engine has been closed'));
    await this.#worker.terminate();
  }

  #settle(answer: AnswerMessage): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(answer.error);
    else waiting?.resolve(answer.result);
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

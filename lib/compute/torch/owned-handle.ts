import { TorchError } from './torch-error.ts';

/** A native handle with one owner: what is freed is not used again, and is freed once. */
export class OwnedHandle<Handle> implements AsyncDisposable {
  readonly #what: string;
  readonly #close: (handle: Handle) => Promise<void>;
  #handle: Handle | null;

  /** @param what is held, for messages: `network`. */
  constructor(what: string, handle: Handle, close: (handle: Handle) => Promise<void>) {
    this.#what = what;
    this.#handle = handle;
    this.#close = close;
  }

  /**
   * Calls native code with the handle in front. The one place where a failure of native code becomes an error of ours.
   *
   * @throws {TorchError} if the call fails.
   * @throws {TypeError} if the handle was freed.
   */
  async use<Rest extends unknown[], Result>(
    call: (handle: Handle, ...rest: Rest) => Promise<Result>,
    ...rest: Rest
  ): Promise<Result> {
    if (this.#handle === null) throw new TypeError(`the ${this.#what} was disposed of and cannot be used any more`);
    try {
      return await call(this.#handle, ...rest);
    } catch (cause) {
      // biome-ignore lint/style/useErrorCause: the cause is there, as the second argument
      throw new TorchError(call.name, cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await this.#close(handle);
  }
}

import type { ControllerLink, SynchronizeRequest, SynchronizeResponse } from '#platform/link/controller-link.ts';

/** Answers from a list, then the last answer for ever; an Error in it is a controller that does not answer. */
export class FakeControllerLink implements ControllerLink {
  readonly requests: SynchronizeRequest[] = [];
  readonly #answers: (SynchronizeResponse | Error)[];

  constructor(...answers: readonly (Partial<SynchronizeResponse> | Error)[]) {
    this.#answers = answers.map((answer) => (answer instanceof Error ? answer : { ...GO_ON, ...answer }));
  }

  async synchronize(request: SynchronizeRequest): Promise<SynchronizeResponse> {
    this.requests.push(request);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (answer instanceof Error) throw answer;
    return answer ?? GO_ON;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const GO_ON: SynchronizeResponse = {
  instruction: 'go-on',
  leaseSeconds: 300,
  intervalSeconds: 15,
  credentials: null,
};

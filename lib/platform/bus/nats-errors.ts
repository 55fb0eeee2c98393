// What the errors of the NATS client and server mean to us.

import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** The server has no stream of this name. */
export const isStreamNotFound = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

/**
 * Nobody takes what is sent under a subject: no stream does, or there is no JetStream at all.
 *
 * The client has a class for it that it does not export; the server's answer is among the causes.
 */
export const isWithoutResponder = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error instanceof Error && isWithoutResponder(error.cause));

/** Of the API, `JSStreamMessageExceedsMaximumErr`. */
const MESSAGE_TOO_LARGE = 10054;

/** A message that is too large for the server or the stream: it stays so. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof errors.InvalidArgumentError ||
  (error instanceof JetStreamApiError && error.code === MESSAGE_TOO_LARGE);

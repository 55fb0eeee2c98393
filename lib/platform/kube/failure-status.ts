import * as z from 'zod';
import type { FailureStatus } from './kube-api-error.ts';

const statusObject = z.object({
  kind: z.literal('Status'),
  code: z.int().catch(0),
  reason: z.string().catch(''),
  message: z.string().catch(''),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z.array(z.object({ field: z.string().optional() })).optional(),
    })
    .optional()
    .catch(undefined),
});

const LONGEST_TEXT = 300;

/**
 * A failure as the body of a response, or the object of a watch's `ERROR` event, tells it.
 *
 * Whatever stands between us and the API server may answer as well: then the first words of its text are the message.
 *
 * @param httpStatus of the response; `null` for an event, whose object has the code.
 */
export function failureStatus(body: string, httpStatus: number | null): FailureStatus {
  const parsed = statusObject.safeParse(parsedJson(body));
  if (!parsed.success) {
    return {
      status: httpStatus ?? 500,
      reason: '',
      message: body.slice(0, LONGEST_TEXT),
      fields: [],
      retryAfterSeconds: null,
    };
  }
  const { code, reason, message, details } = parsed.data;
  return {
    status: httpStatus ?? code,
    reason,
    message,
    fields: (details?.causes ?? []).flatMap(({ field }) => (field === undefined ? [] : [field])),
    retryAfterSeconds: details?.retryAfterSeconds ?? null,
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

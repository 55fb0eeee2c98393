import type { V1TokenReview } from '@kubernetes/client-node';
import { sha256 } from '#formats/digest.ts';
import type { Clock } from '../clock/clock.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Resource, Stored } from '../kube/kube-object.ts';
import type { PolicyRule } from '../kube/policy-rule.ts';
import type { Authenticate } from './authenticate.ts';

export const TOKEN_REVIEWS: Resource<Stored<V1TokenReview>> = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
};

/** What asking whose a token is needs, in the whole cluster. */
export const TOKEN_REVIEW_RULES: readonly PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
];

export interface TokenReviewOptions {
  readonly client: Pick<KubeClient, 'review'>;
  /** Whom a token must be meant for. */
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>`. */
  readonly user: string;
  /** Name of the Job that carries an attempt out; its pods' names begin with it. */
  readonly jobOf: (step: string, attempt: number) => string | undefined;
  /** How long an answer holds; a pod that is gone meanwhile damages nothing, since its attempt is its own. */
  readonly holdsMs: number;
  /** Most answers to remember. */
  readonly remembered: number;
  readonly clock: Clock;
}

/** What the API server says of a token. */
interface Reviewed {
  readonly refusal: string | null;
  readonly pod: string;
  readonly untilMs: number;
}

/** The pod that a projected token is bound to. */
const POD_NAME = 'authentication.kubernetes.io/pod-name';

/**
 * Lets in the pods of Jobs, each for its own attempt alone, by the tokens that the kubelet gives them.
 *
 * The API server is asked once per token for as long as its answer holds: a training asks its controller thousands of
 * times.
 */
export function tokenReview(options: TokenReviewOptions): Authenticate {
  const { clock, jobOf, remembered } = options;
  const known = new Map<string, Reviewed>();
  return async (token, { step, attempt }) => {
    const key = sha256(new TextEncoder().encode(token));
    let reviewed = known.get(key);
    if (reviewed === undefined || reviewed.untilMs <= clock.monotonicMs()) {
      reviewed = await review(options, token);
      known.delete(key);
      known.set(key, reviewed);
      const [oldest] = known.keys();
      if (known.size > remembered && oldest !== undefined) known.delete(oldest);
    }
    if (reviewed.refusal !== null) return reviewed.refusal;
    const job = jobOf(step, attempt);
    if (job !== undefined && reviewed.pod.startsWith(`${job}-`)) return null;
    return `the token is that of pod ${reviewed.pod}, which does not carry this attempt out`;
  };
}

async function review(
  { client, audience, user, holdsMs, clock }: TokenReviewOptions,
  token: string,
): Promise<Reviewed> {
  const untilMs = clock.monotonicMs() + holdsMs;
  const { status } = await client.review(TOKEN_REVIEWS, { token, audiences: [audience] });
  const pod = status?.user?.extra?.[POD_NAME]?.[0] ?? '';
  if (status?.authenticated !== true || !status.audiences?.includes(audience))
    return { refusal: `the token is none for ${audience}`, pod, untilMs };
  const { username = '' } = status.user ?? {};
  return { refusal: username === user ? null : `the token is that of ${username}, expected ${user}`, pod, untilMs };
}

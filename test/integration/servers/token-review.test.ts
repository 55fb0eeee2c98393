import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { tokenReview } from '#platform/link/token-review.ts';
import { TOKEN_AUDIENCE } from '#platform/runner/kubernetes/attempt-job.ts';
import { aKubeClient } from '#test/kube/a-kube-client.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';

const NAMESPACE = 'research';
const STEP = 'a'.repeat(64);

await describeWithServers('workers that show their tokens', ['kubernetes'], () => {
  let cluster: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    cluster = await startControlPlane();
    client = aKubeClient(cluster.kubeconfig);
    await createNamespace(cluster, NAMESPACE);
    await cluster.kubectl(['create', 'serviceaccount', 'worker', `--namespace=${NAMESPACE}`]);
    for (const [pod, account] of [
      ['liver-0123-1-abcde', 'worker'],
      ['stranger', 'default'],
    ] as const)
      await cluster.kubectl(
        ['apply', '--filename=-'],
        JSON.stringify({
          ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, namespace: NAMESPACE } },
          spec: { serviceAccountName: account, containers: [{ name: 'c', image: 'x' }] },
        }),
      );
  }, 120_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** A token as the kubelet would put it into a pod. */
  const tokenOf = async (pod: string, account: string, audience = TOKEN_AUDIENCE): Promise<string> => {
    const bound = ['--bound-object-kind=Pod', `--bound-object-name=${pod}`, `--audience=${audience}`];
    return (await cluster.kubectl(['create', 'token', account, `--namespace=${NAMESPACE}`, ...bound])).trim();
  };

  const authenticate = (changes: { readonly review?: KubeClient['review'] } = {}) =>
    tokenReview({
      client: { review: (resource, spec) => client.review(resource, spec), ...changes },
      audience: TOKEN_AUDIENCE,
      user: `system:serviceaccount:${NAMESPACE}:worker`,
      jobOf: (step, attempt) => (step === STEP ? `liver-0123-${attempt}` : undefined),
      holdsMs: 60_000,
      remembered: 100,
      clock: systemClock,
    });

  test('the pod of an attempt’s Job is let in, for that attempt alone', async () => {
    const token = await tokenOf('liver-0123-1-abcde', 'worker');
    const ask = authenticate();
    expect(await ask(token, { step: STEP, attempt: 1 })).toBeNull();
    const refusal = 'the token is that of pod liver-0123-1-abcde, which does not carry this attempt out';
    expect(await ask(token, { step: STEP, attempt: 2 })).toBe(refusal);
    expect(await ask(token, { step: 'b'.repeat(64), attempt: 1 })).toBe(refusal);
  });

  test.each([
    {
      name: 'a pod of another service account',
      pod: 'stranger',
      account: 'default',
      want: /is that of .*:default, exp/,
    },
    {
      name: 'a token for another audience',
      pod: 'liver-0123-1-abcde',
      account: 'worker',
      audience: 'https://kubernetes.default.svc',
      want: /is none for pentafold-controller/,
    },
  ])('$name is refused', async ({ pod, account, audience, want }) => {
    const token = await tokenOf(pod, account, audience);
    expect(await authenticate()(token, { step: STEP, attempt: 1 })).toMatch(want);
  });

  test('what is no token at all is refused', async () => {
    expect(await authenticate()('guessed', { step: STEP, attempt: 1 })).toMatch(/is none for/);
  });

  test('the API server is asked once for a token, not at every question', async () => {
    let asked = 0;
    const ask = authenticate({
      review: (resource, spec) => {
        asked += 1;
        return client.review(resource, spec);
      },
    });
    const token = await tokenOf('liver-0123-1-abcde', 'worker');
    for (let i = 0; i < 5; i++) expect(await ask(token, { step: STEP, attempt: 1 })).toBeNull();
    expect(asked).toBe(1);
  });
});

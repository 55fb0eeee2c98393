import { EVENT_RECORDER_RULES } from '#platform/kube/event-recorder.ts';
import { LEADER_ELECTION_RULES } from '#platform/kube/leader-election.ts';
import type { PolicyRule } from '#platform/kube/policy-rule.ts';
import { TOKEN_REVIEW_RULES } from '#platform/link/token-review.ts';
import { JOB_RUNNER_RULES } from '#platform/runner/kubernetes/job-runner.ts';
import { DELETION_RULES, TASK_STORE_RULES } from '#platform/tasks/custom-resource-task-store.ts';

/** All that a controller may do, by the file of the chart that says so: in its own namespace, and in the whole cluster. */
export const controllerRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  role: [TASK_STORE_RULES, DELETION_RULES, JOB_RUNNER_RULES, LEADER_ELECTION_RULES, EVENT_RECORDER_RULES].flat(),
  'cluster-role': TOKEN_REVIEW_RULES,
};

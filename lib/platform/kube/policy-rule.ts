/** One rule of a Kubernetes Role. Declared beside the code that needs it, so that a role can be put together from them. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

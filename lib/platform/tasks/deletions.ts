// The port to the deletion of Tasks that take what they stored with them (`spec.deletionPolicy: Delete`).

import type { Task } from '#api/v1alpha1/kinds.ts';

/** A Task whose deletion waits until it is not held any more. */
export interface LeavingTask {
  readonly name: string;
  /** `undefined` where it cannot be read any more. */
  readonly task: Task | undefined;
  /** When its deletion was asked for. */
  readonly since: Date;
}

export interface Deletions {
  /** Makes the deletion of a Task wait, or lets it go on. Asks nothing of anybody where it is so already. */
  hold(name: string, isHeld: boolean): Promise<void>;
  leaving(): Promise<LeavingTask[]>;
  /** Steps whose outputs are the files of a Model. */
  modelSteps(): Promise<string[]>;
  /** Whether all that is here is being deleted, so that nothing may make it wait. */
  everythingGoes(): Promise<boolean>;
}

/** Where Tasks are not deleted: the folder of a home is. */
export const NO_DELETIONS: Deletions = {
  async hold() {},
  leaving: async () => [],
  modelSteps: async () => [],
  everythingGoes: async () => false,
};

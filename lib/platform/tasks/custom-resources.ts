// Our two kinds as the API server has them.

import { API_VERSION, type Model, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { KubeObject, Resource } from '../kube/kube-object.ts';

/** A Task as stored. What a spec holds is known only once it is parsed. */
export interface TaskResource extends KubeObject {
  readonly spec: unknown;
  readonly status?: TaskStatus;
}

export interface ModelResource extends KubeObject {
  readonly spec: Model['spec'];
}

export const TASKS: Resource<TaskResource> = { apiVersion: API_VERSION, kind: 'Task', plural: 'tasks' };
export const MODELS: Resource<ModelResource> = { apiVersion: API_VERSION, kind: 'Model', plural: 'models' };

import type { AttemptState } from './step-runner.ts';

/** Whether an attempt runs, or is still to begin. */
export const isLive = ({ kind }: AttemptState): boolean => kind === 'pending' || kind === 'running';

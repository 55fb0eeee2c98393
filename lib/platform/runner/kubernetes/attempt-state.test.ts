import { describe, expect, test } from 'vitest';
import type { AttemptState } from '../step-runner.ts';
import { attemptState, type JobSeen, type PodSeen } from './attempt-state.ts';

const NOW = new Date('2026-01-02T12:00:00Z');
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();

const failed: JobSeen = { status: { conditions: [{ type: 'Failed', status: 'True' }] } };
const complete: JobSeen = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };

/** A Job that the rules of its policy ended, as Kubernetes 1.35 says it. */
const endedByRule = (message: string): JobSeen => ({
  status: { conditions: [{ type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message }] },
});

const terminated = (exitCode: number, reason = 'Error'): PodSeen => ({
  status: {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode, reason } } }],
  },
});

const disrupted = (overAt: string): PodSeen => ({
  metadata: { deletionTimestamp: overAt },
  status: { phase: 'Running', conditions: [{ type: 'DisruptionTarget', status: 'True' }] },
});

const unscheduled: PodSeen = {
  status: {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.' },
    ],
  },
};

describe('attemptState', () => {
  test.each<{ name: string; job?: JobSeen; pod?: PodSeen; want: AttemptState }>([
    {
      name: 'a Job whose pod is not there yet',
      want: { kind: 'pending', waitsFor: 'its pod to be made (what hinders it stands in the events of its Job)' },
    },
    {
      name: 'a Job that a queue holds back',
      job: { spec: { suspend: true } },
      want: { kind: 'pending', waitsFor: 'its queue to admit it' },
    },
    {
      name: 'a pod that fits nowhere',
      pod: unscheduled,
      want: { kind: 'pending', waitsFor: 'a machine: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.' },
    },
    { name: 'a pod that runs', pod: { status: { phase: 'Running' } }, want: { kind: 'running' } },
    { name: 'an exit code of ours', job: failed, pod: terminated(42), want: { kind: 'ended', exitCode: 42 } },
    { name: 'a good end', job: complete, pod: terminated(0, 'Completed'), want: { kind: 'ended', exitCode: 0 } },
    { name: 'a good end whose pod is gone', job: complete, want: { kind: 'ended', exitCode: 0 } },
    { name: 'a bad end whose pod is gone', job: failed, want: { kind: 'killed', by: 'unknown' } },
    {
      name: 'a pod that was told to go, and is gone',
      job: endedByRule('Pod ns/phantom-1-abcde has condition DisruptionTarget matching FailJob rule at index 0'),
      want: { kind: 'killed', by: 'disruption' },
    },
    {
      name: 'an exit code of ours whose pod is gone',
      job: endedByRule(
        'Container worker for pod ns/phantom-1-abcde failed with exit code 75 matching FailJob rule at index 1',
      ),
      want: { kind: 'ended', exitCode: 75 },
    },
    {
      name: 'too little memory',
      job: failed,
      pod: terminated(137, 'OOMKilled'),
      want: { kind: 'killed', by: 'memory' },
    },
    { name: 'a signal', job: failed, pod: terminated(139), want: { kind: 'killed', by: 'unknown' } },
    { name: 'a pod that may still save', pod: disrupted(inSeconds(30)), want: { kind: 'running' } },
    {
      name: 'a pod on a machine that is lost',
      pod: disrupted(inSeconds(-1)),
      want: { kind: 'killed', by: 'disruption' },
    },
    {
      name: 'a pod that was evicted and killed',
      job: failed,
      pod: { ...terminated(137), metadata: { deletionTimestamp: inSeconds(-1) } },
      want: { kind: 'killed', by: 'disruption' },
    },
    {
      name: 'a pod that failed while it was told to go',
      job: failed,
      pod: { status: { ...terminated(1).status, ...disrupted(inSeconds(9)).status, phase: 'Failed' } },
      want: { kind: 'killed', by: 'disruption' },
    },
    {
      name: 'a pod that found bad input while it was told to go',
      job: failed,
      pod: { status: { ...terminated(42).status, ...disrupted(inSeconds(9)).status, phase: 'Failed' } },
      want: { kind: 'ended', exitCode: 42 },
    },
    {
      name: 'a pod that was evicted and saved in time',
      job: failed,
      pod: { ...terminated(75), metadata: { deletionTimestamp: inSeconds(-1) } },
      want: { kind: 'ended', exitCode: 75 },
    },
  ])('$name', ({ job, pod, want }) => {
    expect(attemptState(job ?? {}, pod, NOW)).toEqual(want);
  });
});

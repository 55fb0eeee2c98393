// When a Task will be done: the work that is left, spread over as many places as work now, at the speeds that were
// measured. A forecast for people, no promise.

import type { Observed } from './observed.ts';
import { stepShare } from './progress.ts';
import type { JudgedStep, Verdict } from './verdict.ts';
import { mean, type Speeds, workOf } from './work-speed.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How fine a time is said, by the seconds that are left at most. */
const GRAINS: readonly { readonly leftAtMost: number; readonly grain: number }[] = [
  { leftAtMost: HOUR, grain: MINUTE },
  { leftAtMost: 6 * HOUR, grain: 5 * MINUTE },
  { leftAtMost: 24 * HOUR, grain: 15 * MINUTE },
  { leftAtMost: Number.POSITIVE_INFINITY, grain: HOUR },
];

/** Share of what is left by which a forecast may be off before another one is said. */
const TOLERANCE = 0.1;

/**
 * When the Task will be done, such as `2026-01-02T03:05:00Z`; `undefined` while nothing can be said: before the plan is
 * made, before a training has been measured, and while nothing is to go on.
 *
 * It is said anew only when it is off by more than can be helped, so that a status does not change at each look.
 */
export function estimatedCompletion(observed: Observed, verdict: Verdict, now: Date): string | undefined {
  if (verdict.kind !== 'working') return undefined;
  const { status, metadata } = observed.task;
  const before = status?.observedGeneration === metadata.generation ? status.estimatedCompletionTime : undefined;
  const stands = before !== undefined && new Date(before) > now;
  const left = secondsLeft(verdict.steps, observed.speeds, now);
  if (left === null) return stands ? before : undefined;
  const grain = GRAINS.find(({ leftAtMost }) => left <= leftAtMost)?.grain ?? HOUR;
  const endSeconds = now.getTime() / 1000 + left;
  if (stands && Math.abs(new Date(before).getTime() / 1000 - endSeconds) <= Math.max(grain, TOLERANCE * left)) {
    return before;
  }
  return new Date(Math.ceil(endSeconds / grain) * grain * 1000).toISOString().replace('.000Z', 'Z');
}

/**
 * Seconds until the last step is done, were each to start as soon as its inputs and a place are there.
 *
 * @returns `null` while the steps or the speed of one of them are not known, or nothing runs.
 */
export function secondsLeft(steps: readonly JudgedStep[], speeds: Speeds, now: Date): number | null {
  if (!steps.some(({ node }) => node.kind === 'publish')) return null;
  const places = steps.filter(isRunning).map(() => 0);
  if (places.length === 0) return null;
  const ends = new Map<string, number>();
  // Those that run have their places; the others come in an order in which each is after those it needs.
  for (const step of [...steps.filter(isRunning), ...steps.filter((one) => !isRunning(one))]) {
    const seconds = secondsOf(step, speeds);
    if (seconds === null) return null;
    if (step.standing.kind === 'done') {
      ends.set(step.node.key, 0);
      continue;
    }
    const free = places.indexOf(Math.min(...places));
    const end = Math.max(earliest(step, ends, now), places[free] ?? 0) + seconds;
    places[free] = end;
    ends.set(step.node.key, end);
  }
  return Math.max(...ends.values());
}

const isRunning = ({ standing }: JudgedStep): boolean =>
  standing.kind === 'live' && standing.attempt.run.kind === 'running';

function earliest({ node, standing }: JudgedStep, ends: ReadonlyMap<string, number>, now: Date): number {
  const pause = standing.kind === 'pausing' ? (standing.until.getTime() - now.getTime()) / 1000 : 0;
  return Math.max(pause, ...node.needs.map((key) => ends.get(key) ?? 0));
}

/** Of work that was not measured yet: as of other trainings or, where that does not matter much, of anything. */
function secondsOf(step: JudgedStep, speeds: Speeds): number | null {
  if (step.standing.kind === 'done') return 0;
  const { node } = step;
  const like = [...speeds]
    .filter(([work]) => node.kind !== 'train' || work.startsWith('train '))
    .map(([, speed]) => speed);
  const speed = speeds.get(workOf(node)) ?? (like.length === 0 ? null : mean(like));
  return speed === null || speed <= 0 ? null : (node.weight * (1 - stepShare(step))) / speed;
}

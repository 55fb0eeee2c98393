const UNITS: readonly { readonly letter: string; readonly seconds: number }[] = [
  { letter: 'd', seconds: 86_400 },
  { letter: 'h', seconds: 3600 },
  { letter: 'm', seconds: 60 },
];

/** Time since then in the largest whole unit that fits twice, as kubectl says it: `90m`, `47h`, `3d`. */
export function ageOf(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  const unit = UNITS.find((one) => seconds >= 2 * one.seconds);
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit.seconds)}${unit.letter}`;
}

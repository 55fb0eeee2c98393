/** `1 case`, `6 cases`. @param noun one that takes an s. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A message of several lines as one, for a row of a table. */
export const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');

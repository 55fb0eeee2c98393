/**
 * Lines of a table whose columns are as wide as their widest cell, two spaces apart.
 *
 * @param right numbers of the columns that are flush right.
 */
export function alignedLines(cells: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const count = Math.max(0, ...cells.map((line) => line.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

// Numbers and tables as text.

type Cell = string | number;

/** A table in Markdown; the columns from `numeric` on are set flush right. */
export function markdown(
  head: readonly string[],
  numeric: number,
  rows: readonly (readonly Cell[])[],
): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |\n`;
  const rule = head.map((_, column) => (column < numeric ? '---' : '--:'));
  return line(head) + line(rule) + rows.map(line).join('');
}

/** Three figures, no exponent. */
export const figures = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** "41 kB" */
export function bytes(count: number): string {
  return count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

/** "6.39 µs", "0.47 ms" or "1.2 s", with three figures */
export function duration(milliseconds: number): string {
  if (milliseconds < 0.1) return `${figures(1000 * milliseconds)} µs`;
  return milliseconds < 700 ? `${figures(milliseconds)} ms` : `${figures(milliseconds / 1000)} s`;
}

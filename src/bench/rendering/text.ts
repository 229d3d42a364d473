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

// The lines of a chart, and how a long one is thinned.

export interface Series {
  readonly name: string;
  /** Ascending. */
  readonly x: readonly number[];
  /** As many; null, or what is no number, leaves a gap. */
  readonly y: readonly (number | null)[];
  /** A colour of the style sheet, "--train"; left out, one by the line's place in the chart. */
  readonly colour?: string;
  /** The line's width in pixels. */
  readonly width?: number;
  /** Marks each point. */
  readonly points?: boolean;
}

/** About as many as a chart is wide, in pixels; of more, noise would make a band. */
const MAX_POINTS = 400;

/** At most {@link MAX_POINTS} points: the means of neighbours, of which the last may be fewer. */
export function thinned(series: Series): Series {
  const { x, y } = series;
  const each = Math.ceil(x.length / MAX_POINTS);
  if (each <= 1) return series;
  const length = Math.ceil(x.length / each);
  const means = (values: readonly (number | null)[]) =>
    Array.from({ length }, (_, i) => mean(values.slice(i * each, (i + 1) * each)));
  return { ...series, x: means(x) as number[], y: means(y) };
}

/** The mean of the values that are there. */
function mean(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b) / numbers.length;
}

/** The value at x, or the one before it; with x left out, the last. Null if there is none. */
export function valueAt({ x, y }: Series, at = Number.POSITIVE_INFINITY): number | null {
  for (let i = x.length - 1; i >= 0; i--) {
    if (x[i] <= at && y[i] !== null) return y[i];
  }
  return null;
}

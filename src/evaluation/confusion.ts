// How the cells of a confusion matrix are shaded.

export interface CellShade {
  readonly kind: 'right' | 'wrong' | 'none';
  /** From 0 to 1. */
  readonly heat: number;
}

/**
 * Right answers by their share of the row, wrong ones by the square root of their share of the most frequent
 * mistake; no answers have no heat.
 * @param confusion counts [target][predicted]
 */
export function shades(confusion: readonly (readonly number[])[]): CellShade[][] {
  const worst = Math.max(
    1,
    ...confusion.flatMap((row, label) => row.filter((_, predicted) => predicted !== label)),
  );
  return confusion.map((row, label) => {
    const support = row.reduce((a, b) => a + b, 0);
    return row.map((images, predicted): CellShade => {
      if (images === 0) return { kind: 'none', heat: 0 };
      if (label === predicted) return { kind: 'right', heat: images / support };
      return { kind: 'wrong', heat: Math.sqrt(images / worst) };
    });
  });
}

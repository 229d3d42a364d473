export const NO_BREAK = '\u00a0';

/** A share of 1: 0.97834 is "97.83 %". @param space before the sign */
export function percent(share: number, digits = 2, space = ' '): string {
  return `${(100 * share).toFixed(digits)}${space}%`;
}

/** The same on one line: the space does not break. */
export function unbrokenPercent(share: number, digits = 2): string {
  return percent(share, digits, NO_BREAK);
}

// What the last benchmark of this browser says of our speed, in one line that can be shared.
import type { BenchReport } from '../../bench/report.ts';

/** tfjs on one thread, which is how most pages run it. */
const REFERENCE = 'tfjs-wasm';

/**
 * "One training step of 784-128-10: 23× as fast as tfjs-wasm"; that of the network, if it was timed.
 * @returns undefined without a step that was timed beside tfjs-wasm
 */
export function speedClaim(report: BenchReport | undefined, network: string): string | undefined {
  const timed = (report?.cases ?? []).flatMap((each) => {
    const ratio = each.peers.find(({ name }) => name === REFERENCE)?.ratio?.median;
    return each.suite === 'step' && ratio !== undefined ? [{ network: each.network, ratio }] : [];
  });
  const best = timed.toSorted((a, b) => b.ratio - a.ratio);
  const told = best.find((each) => each.network === network) ?? best[0];
  if (!told) return undefined;
  const times = told.ratio.toFixed(told.ratio < 9.95 ? 1 : 0);
  return `One training step of ${told.network}: ${times}× as fast as ${REFERENCE}`;
}

// How often the page draws what changes by itself. A training may keep every processor busy: what the page
// draws then takes time from it, more where there is no GPU to draw on.

/** Milliseconds between two such frames at least. */
const LEAST = 100;
const MOST = 500;

/**
 * Times the page's own work for such a frame that it then rests; the browser's other threads work about as
 * long on a frame as the page does.
 */
const REST = 100;

/**
 * Of the measured work, in which other programs take part. What is drawn for the first time takes far longer
 * than ever after.
 */
const SMOOTHING = 0.3;

class Pace {
  private readonly waiting = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;
  private work = LEAST / REST;

  /** Milliseconds, in steps of fifty: others are told when it changes. */
  get interval(): number {
    return Math.round(Math.min(MOST, Math.max(LEAST, REST * this.work)) / 50) * 50;
  }

  /** Draws in the next of these frames, which all that waits shares. */
  ask(draw: () => void): void {
    this.waiting.add(draw);
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.last + this.interval - performance.now());
    this.timer = setTimeout(() => requestAnimationFrame(this.frame), wait);
  }

  private readonly frame = (): void => {
    this.timer = undefined;
    this.last = performance.now();
    const draws = [...this.waiting];
    this.waiting.clear();
    for (const draw of draws) draw();
    // A message comes after style, layout and paint.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      const work = performance.now() - this.last;
      this.work += SMOOTHING * (Math.min(work, 2 * this.work) - this.work);
    };
    port2.postMessage(undefined);
  };
}

/** The page's. */
export const pace = new Pace();

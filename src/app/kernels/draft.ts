// The text in the editor: the file that ships, somebody's own draft of it, a step of the guided path, or what an
// address brings.
import { messageOf } from '../../errors.ts';
import { sourceOf } from '../parts/kernel_sources.ts';
import { forgetDraft, keepDraft, keptDraft } from '../storage/kept_drafts.ts';
import { MAX_TEXT, unpackText } from './packed_text.ts';
import { stepText } from './path/path.ts';
import type { Shared } from './place.ts';

/** Milliseconds without a keystroke after which a draft is kept. */
const PAUSE = 300;

export class Draft {
  /** A file of shaders/ without `.wgsl`. */
  shader = '';
  text = '';
  /** As the repository has it. */
  shipped = '';
  /** An address brought the text, and nobody has agreed to run it yet. */
  asks: Shared | undefined;
  /** What an agreed text took the place of. */
  before: string | undefined;
  /** Why the text is not there, or is not kept. */
  problem: string | undefined;
  /** Counts texts that did not come from the editor. */
  loads = 0;
  private step: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly changed: () => void) {}

  get isChanged(): boolean {
    return this.text !== this.shipped;
  }

  /** @param step of the guided path, whose text it is then */
  async open(shader: string, step?: number): Promise<void> {
    if (shader === this.shader && step === this.step) return;
    this.flush();
    this.shader = shader;
    this.step = step;
    this.asks = undefined;
    this.before = undefined;
    try {
      const [shipped, own] = await Promise.all([
        sourceOf(`shaders/${shader}.wgsl`),
        step ? stepText(step) : keptDraft(shader).catch(() => undefined),
      ]);
      if (shader !== this.shader || step !== this.step) return;
      this.shipped = shipped;
      this.load(own ?? shipped);
    } catch (error) {
      this.problem = `${shader}.wgsl could not be loaded (${messageOf(error)})`;
      this.shader = '';
      this.changed();
    }
  }

  /** Shows what an address brings; it is not run before somebody agrees. */
  async offer(shared: Shared): Promise<void> {
    try {
      const text = await unpackText(shared.packed);
      const own = this.text;
      this.asks = shared;
      this.load(text);
      this.before = own === this.shipped || own === text ? undefined : own;
    } catch (error) {
      this.problem = messageOf(error);
      this.changed();
    }
  }

  /** @param use whether the text that an address brought is to be used, or the one before comes back */
  answer(use: boolean): void {
    this.asks = undefined;
    if (use) this.keep();
    else this.restore();
  }

  edit(text: string): void {
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
    this.changed();
  }

  /** Another text takes the place of this one, as if it had been typed. */
  replace(text: string): void {
    this.load(text);
    this.keep();
  }

  /** Back to the text that an address took the place of. */
  restore(): void {
    this.replace(this.before ?? this.shipped);
    this.before = undefined;
  }

  private load(text: string): void {
    this.text = text;
    this.problem = undefined;
    this.loads++;
    this.changed();
  }

  /** Keeps what waits to be kept. */
  flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.keep();
  }

  private keep(): void {
    this.timer = undefined;
    // A step of the path is read and played with; it comes back as it was.
    if (this.step !== undefined) return;
    const { shader, text } = this;
    if (text.length > MAX_TEXT) this.problem = 'The text is too long to be kept.';
    const done = this.isChanged ? keepDraft(shader, text) : forgetDraft(shader);
    done.catch((error: unknown) => {
      this.problem = `The browser does not keep the draft (${messageOf(error)}).`;
      this.changed();
    });
  }
}

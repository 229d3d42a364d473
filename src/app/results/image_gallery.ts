// <image-gallery>: test images, or those that were held out, with the answers they got, a page at a time, and the chosen one large with the
// probabilities of all classes.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import { messageOf } from '../../errors.ts';
import { type Answer, rowOf, softmax } from '../../evaluation/evaluation.ts';
import '../parts/digit_image.ts';
import type { Session } from '../model/session.ts';
import type { Digit } from '../parts/digit_image.ts';
import * as format from '../parts/format.ts';
import { moreButton } from './more_button.ts';

const PAGE = 60;
/** More bars than these scroll. */
const FITTING_BARS = 16;

/** Dispatches "choose" with the index of an image. */
export class ImageGallery extends LitElement {
  static override properties = {
    session: { attribute: false },
    answers: { attribute: false },
    logits: { attribute: false },
    heldOutFrom: { attribute: false },
    classes: { attribute: false },
    classNames: { attribute: false },
    chosen: { attribute: false },
    listId: { attribute: false },
  };

  declare session: Session;
  /** In the order they are shown, at least one. */
  declare answers: readonly Answer[];
  /** Logits of all images, float32 [images, classes]. */
  declare logits: Float32Array;
  /** The training image that is the first of those that were held out; undefined for the test images. */
  declare heldOutFrom: number | undefined;
  declare classes: number;
  /** By label; undefined where classes are called by their numbers. */
  declare classNames: readonly string[] | undefined;
  /** Index of an image; the first if it is none of these. */
  declare chosen: number | undefined;
  declare listId: string;
  private shown = PAGE;
  private digits = new Map<number, Digit>();
  private fetching = false;
  private problem: string | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('answers')) this.shown = PAGE;
    if (changed.has('logits')) {
      // Perhaps of another data set.
      this.digits = new Map();
      this.problem = undefined;
    }
    if (this.fetching || this.problem) return;
    const wanted = [this.chosenAnswer(), ...this.answers.slice(0, this.shown)].map(({ index }) => index);
    const missing = [...new Set(wanted)].filter((index) => !this.digits.has(index));
    if (missing.length > 0) void this.fetch(missing);
  }

  override render(): TemplateResult {
    const chosen = this.chosenAnswer();
    return html`
      ${this.problem ? html`<p class="problem" role="alert">The images could not be read: ${this.problem}. <button type="button" class="link" @click=${this.retry}>Try again</button></p>` : nothing}
      <div class="gallery">
        ${this.large(chosen)}
        <div>
          <ul id=${this.listId} class="gallery-list">
            ${this.answers.slice(0, this.shown).map((answer) => this.thumbnail(answer, answer === chosen))}
          </ul>
          ${moreButton(this.shown, this.answers.length, PAGE, () => void this.showMore())}
        </div>
      </div>
    `;
  }

  private chosenAnswer(): Answer {
    return this.answers.find(({ index }) => index === this.chosen) ?? this.answers[0];
  }

  private thumbnail(answer: Answer, chosen: boolean): TemplateResult {
    const { index, label, predicted, probability } = answer;
    const choose = () => this.dispatchEvent(new CustomEvent('choose', { detail: index }));
    return html`
      <li>
        <button type="button" class="thumbnail" aria-pressed=${chosen ? 'true' : 'false'} @click=${choose}>
          <digit-image .digit=${this.digits.get(index)}></digit-image>
          <span class="visually-hidden">${this.kind} ${index},</span>
          <span>${this.name(label)}${label === predicted ? nothing : html` <span aria-hidden="true">→</span><span class="visually-hidden">taken for</span> <strong>${this.name(predicted)}</strong>`}</span>
          <span class="note">${format.percent(probability, 1)}</span>
        </button>
      </li>
    `;
  }

  private large(answer: Answer): TemplateResult {
    const { index, label, predicted } = answer;
    const probabilities = softmax(rowOf(this.logits, index, this.classes));
    const scrolls = this.classes > FITTING_BARS;
    return html`
      <figure id="results-image" class="large">
        <digit-image .digit=${this.digits.get(index)}></digit-image>
        <figcaption aria-live="polite">
          <strong class="image-name">${this.kind} ${index}</strong>
          <span class="is">is ${this.name(label)}</span>${label === predicted ? html`, recognised` : html`, <span class="taken">taken for ${this.name(predicted)}</span>`}
        </figcaption>
        <ol class="bars" aria-label="Probabilities of all classes" tabindex=${scrolls ? 0 : nothing}>
          ${probabilities.map(
            (probability, each) => html`
              <li class=${each === label ? 'is' : each === predicted ? 'taken' : nothing}>
                <span>${this.name(each)}</span>
                <span class="bar" .style=${`--share: ${probability.toFixed(4)}`}></span>
                <span>${format.percent(probability)}</span>
              </li>
            `,
          )}
        </ol>
      </figure>
    `;
  }

  private get kind(): string {
    return this.heldOutFrom === undefined ? 'Test image' : 'Held-out image';
  }

  private name(label: number): string {
    return className(this.classNames, label);
  }

  private async fetch(indices: readonly number[]): Promise<void> {
    const { digits } = this;
    this.fetching = true;
    try {
      const from = this.heldOutFrom;
      const images = await this.session.ask((remote) =>
        from === undefined
          ? remote.images('test', indices)
          : remote.images(
              'train',
              indices.map((index) => from + index),
            ),
      );
      for (const [i, index] of indices.entries()) digits.set(index, images[i]);
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.fetching = false;
    this.requestUpdate();
  }

  private readonly retry = (): void => {
    this.problem = undefined;
    this.requestUpdate();
  };

  /** The focus goes to the first new image: the button may be gone. */
  private async showMore(): Promise<void> {
    const before = this.shown;
    this.shown += PAGE;
    this.requestUpdate();
    await this.updateComplete;
    this.querySelectorAll<HTMLElement>('.thumbnail')[before]?.focus();
  }
}

customElements.define('image-gallery', ImageGallery);

// <specimen-row>: ten test images and what the network takes them for, live while it trains. It also tells
// the session whether anybody looks.
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import { pace } from '../model/pace.ts';
import type { Specimen } from '../model/peek.ts';
import type { Session } from '../model/session.ts';
import '../parts/digit_image.ts';
import * as format from '../parts/format.ts';

/** The network is drawn anew in every other frame of the page's pace: its picture costs the most. */
const FRAMES = 2;

/** What is kept free until the images are there. */
const EXPECTED = 10;

interface Answer {
  readonly label: number;
  readonly probability: number;
}

class SpecimenRow extends LitElement {
  static override properties: PropertyDeclarations = { session: { attribute: false } };

  declare session: Session;
  private unsubscribe: (() => void) | undefined;
  private inSight = false;
  /** A view that is not shown is not in sight either. */
  private readonly sight = new IntersectionObserver((entries) => {
    this.inSight = entries.at(-1)!.isIntersecting;
    this.tell();
  });

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unsubscribe = this.session.network.subscribe(() => {
      this.requestUpdate();
      this.tell();
    });
    this.sight.observe(this.parentElement!);
    document.addEventListener('visibilitychange', this.tell);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe?.();
    this.sight.disconnect();
    document.removeEventListener('visibilitychange', this.tell);
    this.session.network.look(0);
  }

  override render(): TemplateResult {
    const { specimens } = this.session.network.state;
    const places = Array.from({ length: specimens.length || EXPECTED }, (_, n) => n);
    return html`
      <div class="specimens" role="group" aria-label="Test images and the network’s answers">
        ${places.map((n) => this.tile(n, specimens[n]))}
      </div>
    `;
  }

  private readonly tell = (): void => {
    this.session.network.look(this.inSight && !document.hidden ? FRAMES * pace.interval : 0);
  };

  private tile(index: number, specimen: Specimen | undefined): TemplateResult {
    const { network, state } = this.session;
    const { classNames } = state.shape;
    const answer = answerOf(network.state.peek?.probabilities, index, state.shape.classes);
    const right = answer !== undefined && answer.label === specimen?.label;
    const said = answer && className(classNames, answer.label);
    const select = () => network.update({ selected: index });
    return html`
      <button
        type="button"
        class=${answer ? `specimen ${right ? 'right' : 'wrong'}` : 'specimen'}
        ?disabled=${!specimen}
        aria-pressed=${answer ? String(network.state.selected === index) : nothing}
        aria-label=${specimen ? describe(className(classNames, specimen.label), said, answer, right) : nothing}
        @click=${select}
        @pointerenter=${select}
        @focus=${select}
      >
        <digit-image .digit=${specimen}></digit-image>
        <span class="answer">${said ?? '?'}</span>
        <span class="sure" .style=${`--share: ${(answer?.probability ?? 0).toFixed(3)}`}></span>
      </button>
    `;
  }
}

/** The class that the network thinks most likely. @param probabilities [specimens, classes] */
function answerOf(
  probabilities: Float32Array | undefined,
  index: number,
  classes: number,
): Answer | undefined {
  const own = probabilities?.subarray(index * classes, (index + 1) * classes);
  if (!own || own.length === 0 || Number.isNaN(own[0])) return undefined;
  const probability = own.reduce((a, b) => Math.max(a, b));
  return { label: own.indexOf(probability), probability };
}

/** "7: the network says 4, 63 % sure, which is wrong" */
function describe(
  title: string,
  said: string | undefined,
  answer: Answer | undefined,
  right: boolean,
): string {
  if (!answer) return `${title}: not asked yet`;
  return `${title}: the network says ${said}, ${format.percent(answer.probability, 0)} sure, which is ${right ? 'right' : 'wrong'}`;
}

customElements.define('specimen-row', SpecimenRow);

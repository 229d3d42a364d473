// <share-panel>: the picture of a result, to be handed to another program, downloaded, or sent as a link.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import { countParameters, formatNetwork } from '../../network/spec.ts';
import { judge } from '../model/judge.ts';
import '../parts/copy_button.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import { lastBenchmark } from '../storage/kept_benchmark.ts';
import { type Examined, recordOf } from './examined.ts';
import { fileName } from './headline_view.ts';
import { drawPicture, HEIGHT, type Result, WIDTH } from './share_picture.ts';
import { speedClaim } from './speed_claim.ts';

/** Dispatches "close". */
class SharePanel extends LitElement {
  static override properties = {
    examined: { attribute: false },
    link: { attribute: false },
    file: { state: true },
    problem: { state: true },
  };

  declare examined: Examined;
  /** The address that shows the result in another browser. */
  declare link: string;
  /** The picture, once it is drawn. */
  declare private file: File | undefined;
  declare private problem: string | undefined;
  private words = 'The picture of this result';

  protected override createRenderRoot(): this {
    return this;
  }

  override firstUpdated(): void {
    void this.draw();
  }

  override render(): TemplateResult {
    const { file, problem } = this;
    const shares = file && navigator.canShare?.({ files: [file] });
    return html`
      <section class="panel share" aria-labelledby="share-title">
        <div class="section-head">
          <h3 id="share-title" tabindex="-1">A picture to share</h3>
          <button type="button" id="share-close" class="link" @click=${() => this.dispatchEvent(new CustomEvent('close'))}>Close</button>
        </div>
        <canvas id="share-picture" role="img" aria-label=${this.words} width=${WIDTH} height=${HEIGHT}></canvas>
        <div class="share-actions">
          ${shares ? html`<button type="button" id="share-send" class="primary" @click=${() => void this.send(file)}>Share …</button>` : nothing}
          <button
            type="button"
            id="share-download"
            class=${shares ? '' : 'primary'}
            ?disabled=${!file}
            @click=${() => file && download(file.name, file.type, file)}
          >Download the picture</button>
          <copy-button id="share-link" label="Copy link" .text=${() => this.link}></copy-button>
        </div>
        <p class="problem" role="alert">${problem ?? ''}</p>
        <p class="note">${this.examined.subject.run ? 'The link has what it takes to train the same network in another browser.' : 'The link shows this network in any browser.'} Nothing is sent anywhere until you share it.</p>
      </section>
    `;
  }

  private async draw(): Promise<void> {
    const { examined } = this;
    this.querySelector<HTMLElement>('#share-title')?.focus({ preventScroll: true });
    this.querySelector('.share')?.scrollIntoView({ block: 'nearest' });
    const own = await lastBenchmark().catch(() => undefined);
    const result = resultOf(examined, speedClaim(own?.report, formatNetwork(examined.model.network)));
    this.words = `mnist-kernels: ${result.accuracy} ${result.judgedBy}. ${result.facts.join('. ')}.`;
    const canvas = this.querySelector('canvas')!;
    drawPicture(canvas, result, getComputedStyle(this));
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob) this.file = new File([blob], `${fileName(examined)}.png`, { type: blob.type });
    else this.problem = 'This browser could not make the picture.';
  }

  /** Whoever closes the browser's choice of programs has not failed. */
  private async send(file: File): Promise<void> {
    this.problem = undefined;
    try {
      await navigator.share({ files: [file], title: 'mnist-kernels', text: `${this.words} ${this.link}` });
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError'))
        this.problem = `It was not shared (${messageOf(error)}): download the picture, or copy the link.`;
    }
  }
}

customElements.define('share-panel', SharePanel);

function resultOf(examined: Examined, speed: string | undefined): Result {
  const { subject, model, evaluation, holdOut, classNames } = examined;
  const record = recordOf(examined);
  const timed = subject.run?.report;
  const network = formatNetwork(model.network);
  const parameters = format.count(countParameters(model.network));
  const images = record ? ` of ${format.count(record.dataset.train)} images` : '';
  const epochs = record ? `${format.plural(record.keptEpoch, 'epoch')}${images}` : '';
  const facts = [
    timed ? `Trained in ${format.duration(timed.seconds)}: ${epochs}` : epochs,
    `${network}, ${parameters} parameters`,
    timed ? `On ${format.engine(timed.environment)}, ${browserOf(timed.environment.runtime)}` : '',
    speed ?? '',
  ];
  const { host, pathname } = location;
  return {
    accuracy: format.percent(evaluation.accuracy),
    judgedBy: `of ${format.count(evaluation.samples)} ${judge(holdOut)} images recognised`,
    facts: facts.filter((fact) => fact !== ''),
    confusion: evaluation.confusion,
    classNames,
    address: `${host}${pathname.replace(/(index\.html)?$/, '')}`.replace(/\/$/, ''),
  };
}

/** "firefox 140.2" is "Firefox 140". */
function browserOf(runtime: string): string {
  return runtime.replace(/^./, (first) => first.toUpperCase()).replace(/\..*/, '');
}

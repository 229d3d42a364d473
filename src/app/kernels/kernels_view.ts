// The laboratory: a kernel's text in an editor, whether it is right on every element, how fast it is, and what it
// does in a training.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import type { KernelName } from '../../network/kernels.ts';
import type { PlantedError } from '../../validation/planted/planted.ts';
import { instructionsOf, sourceOf } from '../parts/kernel_sources.ts';
import { View } from '../view.ts';
import '../../evaluation/parts.css';
import '../parts/notice.css';
import type { CodeEditor } from './code_editor.ts';
import './kernels.css';
import { kernelFacts, kernelList } from './kernel_list.ts';
import { Laboratory } from './laboratory.ts';
import { pathView } from './path_view.ts';
import { addressOf, fromParams, type Place, sharedIn, toParams } from './place.ts';
import { INSTRUCTIONS, type Reading, sourcePanel } from './source_panel.ts';
import { speedView } from './speed_view.ts';
import { trialForm } from './trial_form.ts';
import { verdictView } from './verdict_view.ts';

class KernelsView extends View {
  readonly name = 'kernels';
  private laboratory: Laboratory | undefined;
  /** The address that this view made, or has read. */
  private read: URLSearchParams | undefined;
  private reading: Reading | undefined;
  private link: string | undefined;
  private begun = false;

  override willUpdate(_changed: PropertyValues): void {
    const { engines } = this.session.state;
    const place = fromParams(this.params);
    this.laboratory ??= new Laboratory(place, () => this.requestUpdate());
    this.laboratory.engines = engines;
    if (!engines || (this.params === this.read && this.begun)) return;
    this.begun = true;
    this.read = this.params;
    void this.open(place, this.params);
  }

  private async open(place: Place, params: URLSearchParams): Promise<void> {
    const { laboratory } = this;
    this.reading = undefined;
    this.link = undefined;
    await laboratory!.show(place);
    const shared = sharedIn(params);
    if (shared) await laboratory!.offer(shared);
  }

  override render(): TemplateResult {
    const laboratory = this.laboratory!;
    const { place, variant } = laboratory;
    return html`
      <div class="kernels">
        ${this.askView()}
        <div class="kernels-bench">
          ${kernelList(place.kernel)}
          <div class="kernels-main">
            <header class="kernels-head">
              <h2>${place.kernel}</h2>
              ${kernelFacts(place.kernel, variant.shader)}
            </header>
            ${sourcePanel({
              laboratory,
              reading: this.reading,
              read: (file) => void this.show(file),
              link: this.link,
              makeLink: () => void this.makeLink(),
              train: () => void this.train(),
              restore: () => void this.restore(),
            })}
          </div>
          <div class="kernels-side">
            ${trialForm({
              laboratory,
              go: (changes) => this.go(changes),
              plant: (error) => this.plant(error),
            })}
            ${verdictView(laboratory)}
          </div>
        </div>
        ${speedView(laboratory)} ${pathView(laboratory)}
      </div>
    `;
  }

  /** On a phone the kernels are a row that is wider than the screen. */
  override updated(): void {
    const { kernel } = this.laboratory!.place;
    if (kernel === this.inSight) return;
    this.inSight = kernel;
    const list = this.querySelector<HTMLElement>('.kernels-list ul');
    const link = list?.querySelector<HTMLElement>('[aria-current]');
    if (list && link) list.scrollLeft = link.offsetLeft - list.offsetLeft - 16;
  }

  private inSight: KernelName | undefined;

  private askView(): TemplateResult | typeof nothing {
    const { draft } = this.laboratory!;
    if (!draft.asks) return nothing;
    return html`
      <section class="notice" role="region" aria-label="This link brings a text">
        <p>This link brings a changed <code>${draft.shader}.wgsl</code>. It is in the editor, and has not been run.</p>
        <button type="button" class="primary" id="kernels-accept" @click=${() => void this.laboratory!.answer(true)}>Run it</button>
        <button type="button" id="kernels-refuse" @click=${() => void this.laboratory!.answer(false)}>Leave it out</button>
      </section>
    `;
  }

  private go(changes: Partial<Place>): void {
    const place = { ...this.laboratory!.place, ...changes };
    this.read = toParams(place);
    this.link = undefined;
    this.keep(this.read);
    void this.laboratory!.show(place);
  }

  private async show(file: string | undefined): Promise<void> {
    this.reading = file === undefined ? undefined : { file, text: undefined };
    this.requestUpdate();
    if (file === undefined) return;
    const loading = file === INSTRUCTIONS ? instructionsOf(this.laboratory!.place.kernel) : sourceOf(file);
    const text = await loading.catch(
      (error: unknown) => `${file} could not be loaded (${messageOf(error)}).`,
    );
    if (this.reading?.file === file) this.reading = { file, text };
    this.requestUpdate();
  }

  private plant({ from, to }: PlantedError): void {
    const { draft } = this.laboratory!;
    void this.show(undefined);
    this.laboratory!.replace(draft.text.replace(from, () => to));
    void this.updateComplete.then(() => this.querySelector<CodeEditor>('#kernels-code')?.select(to));
  }

  private async restore(): Promise<void> {
    this.link = undefined;
    const { draft, place } = this.laboratory!;
    if (place.step !== undefined) this.go({ step: undefined });
    else this.laboratory!.replace(draft.shipped);
  }

  private async makeLink(): Promise<void> {
    const { place, variant, draft, verdict } = this.laboratory!;
    const all = (verdict?.total ?? 1) > 1;
    this.link = await addressOf({ ...place, variant: variant.name }, draft.text, all);
    await this.requestUpdate();
    this.querySelector<HTMLInputElement>('#kernels-address')?.select();
  }

  /** In Compare, beside the text that ships. */
  private async train(): Promise<void> {
    const { draft, variant } = this.laboratory!;
    draft.flush();
    const params = { engines: 'webgpu-shipped,webgpu-own', shader: variant.shader, recipe: 'quick', go: '1' };
    this.session.router.go('compare', new URLSearchParams(params));
  }
}

customElements.define('kernels-view', KernelsView);

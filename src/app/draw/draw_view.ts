// Draw a digit, or show a photo of one, and see what a network makes of it while it is drawn.
import { html, nothing, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import { messageOf } from '../../errors.ts';
import type { NamedFile } from '../../formats/read_model.ts';
import { formatNetwork } from '../../network/spec.ts';
import { withArticle } from '../../plural.ts';
import { dragLeave, dragOver, drop } from '../parts/drop_files.ts';
import * as format from '../parts/format.ts';
import { View } from '../view.ts';
import { probabilitiesView, winnerView } from './answer_view.ts';
import { certainty } from './certainty.ts';
import './draw.css';
import './draw_pad.ts';
import type { DrawPad } from './draw_pad.ts';
import { areModel, readFiles, titleOf } from './model_files.ts';
import './network_activity.ts';
import { readPhoto } from './photo.ts';
import type { ModelFacts } from './predict_worker.ts';
import { type ModelSource, Predictor } from './predictor.ts';
import { readShipped, SHIPPED_MODELS } from './shipped_models.ts';

/** Screen readers hear an answer once it has stood for so many milliseconds. */
const SETTLED = 700;

class DrawView extends View {
  readonly name = 'draw';
  private readonly predictor = new Predictor(() => this.changed());
  /** The model that was asked for last, as the address has it. */
  private chosen: string | undefined;
  /** The model of the files that were picked or dropped last; the address cannot repeat it. */
  private own: ModelSource | undefined;
  private problem: string | undefined;
  private spoken = '';
  private settling: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('paste', this.onPaste);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.onKey);
    document.removeEventListener('paste', this.onPaste);
  }

  override willUpdate(): void {
    const { chosen, choose } = this.asked();
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    choose();
  }

  /** What the address asks for: a run, the files that were opened, or a shipped network. */
  private asked(): { readonly chosen: string; readonly choose: () => void } {
    const run = this.params.get('run');
    const model = this.params.get('model');
    const { own } = this;
    if (run !== null) {
      const chosen = address('run', run);
      return { chosen, choose: () => void this.chooseRun(run, chosen) };
    }
    if (own && model === OWN)
      return { chosen: address('model', OWN), choose: () => this.predictor.choose(own) };
    const shipped = SHIPPED_MODELS.find(({ name }) => name === model) ?? SHIPPED_MODELS[0];
    const read = () => fileOf(shipped.title, readShipped(shipped));
    return {
      chosen: address('model', shipped.name),
      choose: () => this.predictor.choose({ title: shipped.title, read }),
    };
  }

  override render(): TemplateResult {
    const { facts, prediction, failed } = this.predictor;
    const problem = this.problem ?? this.predictor.problem;
    const retry = html`<button type="button" id="draw-retry" class="link" @click=${() => this.predictor.retry()}>Try again</button>`;
    const picture = this.pad?.picture;
    const dot = (this.pad?.dot ?? false) && !this.pad?.busy;
    return html`
      <div class="draw" @dragover=${dragOver} @dragleave=${dragLeave} @drop=${this.onDrop}>
        <section class="panel draw-drawing" aria-labelledby="draw-title">
          <h2 id="draw-title">Draw a digit</h2>
          <p id="draw-note" class="note">
            ${picture ? picture.title : html`With mouse, finger or pen. <span class="draw-wide">Or paste or drop a photo of one.</span>`}
          </p>
          <draw-pad id="draw-pad" @drawing=${this.onDrawing}></draw-pad>
          ${this.tools()}
          <div role="alert">
            ${problem ? html`<p id="draw-problem" class="problem">${problem} ${failed ? retry : nothing}</p>` : nothing}
          </div>
        </section>
        <section class="panel draw-winner" aria-labelledby="draw-answer-title">
          <h2 id="draw-answer-title">The network’s answer</h2>
          ${winnerView(facts, prediction, { picture, dot })}
          <p class="visually-hidden" role="status">${this.spoken}</p>
        </section>
        <div class="panel draw-chances">${probabilitiesView(facts, prediction)}</div>
        <section class="panel draw-inside" aria-labelledby="draw-inside-title">
          <h2 id="draw-inside-title">Inside the network</h2>
          <network-activity
            id="draw-activity"
            .model=${facts}
            .prediction=${prediction}
            .weightsOf=${this.weightsOf}
          ></network-activity>
        </section>
        <section class="panel draw-network" aria-label="Which network">
          <div class="field">
            <label for="draw-model">Network</label>
            ${this.picker()}
            <p id="draw-facts" class="note">${facts ? factsText(facts) : 'loading …'}</p>
          </div>
          <div>
            <label class="picker draw-open">
              <input id="draw-model-files" type="file" multiple aria-describedby="draw-formats" aria-label="Open a network from its files" @change=${this.onPickModel}>
              <span aria-hidden="true">Open a network …</span>
            </label>
            <p id="draw-formats" class="note">
              A file of this project, of PyTorch (safetensors) or ONNX; of TensorFlow.js, model.json and its weights
              files, all chosen at once. Or drop them here.
            </p>
          </div>
        </section>
      </div>
    `;
  }

  private tools(): TemplateResult {
    const { pad } = this;
    return html`
      <div class="draw-tools">
        <button type="button" id="draw-undo" ?disabled=${!pad?.canUndo} aria-keyshortcuts="Control+Z" title="Ctrl+Z" @click=${() => pad?.undo()}>Undo</button>
        <button type="button" id="draw-clear" ?disabled=${pad?.empty ?? true} aria-keyshortcuts="Delete" title="Delete" @click=${() => pad?.clear()}>Clear</button>
        <label class="picker">
          <input id="draw-photo" type="file" accept="image/*" aria-label="Photo of a digit" @change=${this.onPick}>
          <span aria-hidden="true">Photo …</span>
        </label>
        <button type="button" id="draw-test-image" title="A test image, at random" @click=${this.showTestImage}>Sample</button>
      </div>
    `;
  }

  private picker(): TemplateResult {
    const { kept, run } = this.session.state;
    const runs = run && !kept.some(({ id }) => id === run.id) ? [run, ...kept] : kept;
    const option = (value: string, title: string) =>
      html`<option value=${value} .selected=${value === this.chosen}>${title}</option>`;
    return html`
      <select id="draw-model" @change=${this.onChoice}>
        ${this.own ? html`<optgroup label="Opened">${option(address('model', OWN), this.own.title)}</optgroup>` : nothing}
        <optgroup label="Shipped">
          ${SHIPPED_MODELS.map(({ name, title }) => option(address('model', name), title))}
        </optgroup>
        ${
          runs.length === 0
            ? nothing
            : html`
              <optgroup label="Your runs">
                ${runs.map(({ id, name, report }) => option(address('run', id), `${name} – ${format.percent(report.test.accuracy)}`))}
              </optgroup>
            `
        }
      </select>
    `;
  }

  private get pad(): DrawPad | null {
    return this.querySelector<DrawPad>('draw-pad');
  }

  /** One that this browser does not keep gives way to the shipped network. */
  private async chooseRun(id: string, chosen: string): Promise<void> {
    try {
      const model = await this.session.runs.modelOf(id);
      if (chosen === this.chosen)
        this.predictor.choose({ title: 'The run', read: () => fileOf('The run', model) });
    } catch {
      if (chosen !== this.chosen) return;
      this.problem = 'This browser keeps no such run. A network that ships with the page answers instead.';
      this.keep(new URLSearchParams());
    }
  }

  private changed(): void {
    this.requestUpdate();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.speak(), SETTLED);
  }

  private speak(): void {
    const { prediction } = this.predictor;
    if (this.pad?.busy) return;
    const names = this.predictor.facts?.dataset.classNames;
    this.spoken = prediction
      ? `Read as ${className(names, prediction.predicted)}. ${certainty(prediction.probabilities, names)}`
      : '';
    this.requestUpdate();
  }

  /** Photos and models are told apart by their contents. */
  private async open(files: readonly File[]): Promise<void> {
    if (await areModel(files)) this.openModel(files);
    else await this.showPhoto(files);
  }

  private openModel(files: readonly File[]): void {
    this.own = { title: titleOf(files), read: () => readFiles(files) };
    this.problem = undefined;
    this.chosen = undefined;
    this.keep(new URLSearchParams({ model: OWN }));
    this.requestUpdate();
  }

  private async showPhoto(files: readonly File[]): Promise<void> {
    const file = files.find(({ type }) => type.startsWith('image/')) ?? files[0];
    try {
      this.pad?.show({ title: `Photo: ${file.name}`, image: await readPhoto(file) });
    } catch (error) {
      this.complain(`${messageOf(error)}.`);
    }
  }

  private readonly showTestImage = async (): Promise<void> => {
    const index = Math.floor(Math.random() * this.session.state.shape.test);
    try {
      const [digit] = await this.session.ask((remote) => remote.images('test', [index]));
      const { width, height, pixels, label } = digit;
      const name = withArticle(className(this.session.state.shape.classNames, label));
      const image = { width, height, data: pixels };
      this.pad?.show({ title: `Sample: ${name} of the test images`, label, image });
    } catch (error) {
      this.complain(`No test image: ${messageOf(error)}.`);
    }
  };

  private readonly weightsOf = (unit: number) => this.predictor.weightsOf(unit);

  private complain(problem: string): void {
    this.problem = problem;
    this.requestUpdate();
  }

  private readonly onDrawing = (): void => {
    this.problem = undefined;
    this.predictor.show(this.pad?.read());
    this.changed();
  };

  private readonly onChoice = ({ target }: Event): void => {
    this.problem = undefined;
    this.keep(new URLSearchParams((target as HTMLSelectElement).value));
  };

  private readonly onPick = (event: Event): void => {
    const files = picked(event);
    if (files.length > 0) void this.showPhoto(files);
  };

  private readonly onPickModel = (event: Event): void => {
    const files = picked(event);
    if (files.length > 0) this.openModel(files);
  };

  private readonly onDrop = (event: DragEvent): void => {
    const files = drop(event);
    if (files.length > 0) void this.open(files);
  };

  private readonly onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (this.hidden) return;
    if (files.length > 0) void this.showPhoto(files);
    else this.complain('The clipboard has no image: copy one, not its address or text.');
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (this.hidden) return;
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    const modified = ctrlKey || metaKey;
    if (modified && !shiftKey && !altKey && key.toLowerCase() === 'z') this.pad?.undo();
    else if (!modified && !altKey && (key === 'Delete' || key === 'Backspace')) this.pad?.clear();
    else return;
    event.preventDefault();
  };
}

customElements.define('draw-view', DrawView);

/** In the address, the model that was opened from files. */
const OWN = 'file';

/** The files that were picked, which can be picked again. */
function picked({ target }: Event): File[] {
  const input = target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  input.value = '';
  return files;
}

/** A model of one file. */
async function fileOf(name: string, bytes: Uint8Array | Promise<Uint8Array>): Promise<readonly NamedFile[]> {
  return [{ name, bytes: await bytes }];
}

/** "run=…", as it stands in the address and in the picker. */
const address = (key: 'model' | 'run', value: string) => new URLSearchParams({ [key]: value }).toString();

function factsText({ network, activation, int8, source, accuracy, dataset }: ModelFacts): string {
  const title = `${formatNetwork(network)}${int8 ? ' in int8' : ''}`;
  if (source !== undefined) return `${title}, ${activation}: ${source}`;
  const reached = accuracy === undefined ? '' : `, test accuracy ${format.percent(accuracy)}`;
  return `${title}, trained on ${dataset.name}${reached}`;
}

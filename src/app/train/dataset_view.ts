// The data set: MNIST, or four IDX files that are picked or dropped.
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../model/session.ts';
import { dragLeave, dragOver, drop } from '../parts/drop_files.ts';
import { count } from '../parts/format.ts';
import { textField } from './field.ts';

export function datasetView(session: Session): TemplateResult {
  const { shape, preview, loading, problem } = session.state;
  const facts = `${count(shape.train)} + ${count(shape.test)}, ${shape.width} × ${shape.height}, ${shape.classes} classes`;
  const own = shape.name !== 'MNIST';
  return html`
    <section
      class="dataset"
      aria-labelledby="dataset-title"
      aria-busy=${loading ? 'true' : nothing}
      @dragover=${dragOver}
      @dragleave=${dragLeave}
      @drop=${(event: DragEvent) => choose(drop(event), session)}
    >
      <div class="section-head">
        <h2 id="dataset-title">Data</h2>
        ${own ? html`<button type="button" id="use-mnist" class="link" @click=${() => session.chooseDataset()}>Back to MNIST</button>` : nothing}
      </div>
      <p class="dataset-name"><strong id="dataset-name">${shape.name}</strong> <span>${loading && own ? 'loading …' : facts}</span></p>
      <div class="preview" aria-hidden="true">
        ${preview.map((digit) => html`<digit-image .digit=${digit}></digit-image>`)}
      </div>
      <div class="fields">
        ${textField(session, 'trainImages', 'Training images', 'numeric', { placeholder: `all ${count(shape.train)}` })}
        <div class="field">
          <label for="files">Own data</label>
          <label class="picker" aria-invalid=${problem?.field === 'dataset' ? 'true' : nothing}>
            <input
              id="files"
              type="file"
              multiple
              aria-describedby="files-note"
              @change=${(event: Event) => pick(event.target as HTMLInputElement, session)}
            >
            <span aria-hidden="true">Four IDX files …</span>
          </label>
        </div>
      </div>
      <p id="files-note" class="note">Training and test images and labels as in MNIST or EMNIST, raw or .gz; or drop them here.</p>
    </section>
  `;
}

function pick(input: HTMLInputElement, session: Session): void {
  const files = [...(input.files ?? [])];
  input.value = '';
  choose(files, session);
}

function choose(files: File[], session: Session): void {
  if (files.length > 0) void session.chooseDataset(files);
}

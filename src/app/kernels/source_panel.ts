// The sources: WGSL in the editor, AssemblyScript beside it to read; and what can be done with a changed text.
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import '../parts/copy_button.ts';
import { download } from '../parts/download.ts';
import { sentence } from '../parts/format.ts';
import { assemblyFiles } from '../parts/kernel_sources.ts';
import './code_editor.ts';
import type { Laboratory } from './laboratory.ts';

/** In place of a file: what the compiler made of the kernel's AssemblyScript. */
export const INSTRUCTIONS = 'WebAssembly';

/** A file that is shown to be read. */
export interface Reading {
  readonly file: string;
  /** Undefined while it is on its way. */
  readonly text: string | undefined;
}

export interface SourcePanel {
  readonly laboratory: Laboratory;
  /** Undefined while WGSL is shown. */
  readonly reading: Reading | undefined;
  readonly read: (file: string | undefined) => void;
  /** The address that hands the text on, once it was asked for. */
  readonly link: string | undefined;
  readonly makeLink: () => void;
  readonly train: () => void;
  readonly restore: () => void;
}

export function sourcePanel(panel: SourcePanel): TemplateResult {
  const { laboratory, reading, read } = panel;
  const { draft, variant, place, engines, gpu } = laboratory;
  const step = place.step !== undefined && variant.name === 'split' ? `step ${place.step}` : undefined;
  const file = `shaders/${variant.shader}.wgsl`;
  return html`
    <section class="panel kernels-source" aria-label="Sources">
      <div class="kernels-files" role="group" aria-label="Files">
        <button type="button" aria-pressed=${!reading} @click=${() => read(undefined)}>${step ?? file}${draft.isChanged && !step ? ', changed' : ''}</button>
        ${[...assemblyFiles(place.kernel), INSTRUCTIONS].map(
          (name) =>
            html`<button type="button" aria-pressed=${reading?.file === name} @click=${() => read(name)}>${name}</button>`,
        )}
      </div>
      ${engines && !gpu ? html`<p class="note" id="kernels-readonly">To be read only: a text is tried by WebGPU, and ${laboratory.gpuUnavailable ?? 'there is none here'}.</p>` : nothing}
      <div class="kernels-editor" ?hidden=${reading !== undefined}>
        ${keyed(
          `${variant.shader} ${place.step ?? ''}`,
          html`<code-editor
            id="kernels-code"
            .code=${'wgsl'}
            .name=${`WGSL of ${variant.shader}; Escape, then Tab, leaves it`}
            .text=${draft.text}
            .readonly=${gpu === undefined || draft.asks !== undefined}
            .messages=${laboratory.messages}
            @edit=${(event: CustomEvent<string>) => laboratory.edit(event.detail)}
          ></code-editor>`,
        )}
      </div>
      ${
        reading
          ? html`<div class="kernels-editor">${keyed(
              reading.file,
              html`<code-editor id="kernels-reading" .code=${reading.file === INSTRUCTIONS ? 'instructions' : 'assemblyScript'} .name=${reading.file} .text=${reading.text ?? '…'} .readonly=${true}></code-editor>`,
            )}</div>`
          : nothing
      }
      <ul class="kernels-messages" id="kernels-messages" aria-live="polite" aria-label="What the compiler says">
        ${laboratory.messages.map(
          ({ severity, line, column, text }) =>
            html`<li class=${severity}><strong>${line}${column > 0 ? `:${column}` : ''}</strong> ${sentence(text)}</li>`,
        )}
      </ul>
      ${draft.isChanged ? actions(panel) : html`<p class="note">${gpu ? 'Change a line: the compiler and the oracle look at it as you type, and the browser keeps the draft.' : nothing}</p>`}
    </section>
  `;
}

function actions({ laboratory, link, makeLink, train, restore }: SourcePanel): TemplateResult {
  const { draft, variant, place } = laboratory;
  return html`
    <div class="kernels-actions">
      <button type="button" id="kernels-restore" @click=${restore}>Back to the text that ships</button>
      ${draft.before === undefined ? nothing : html`<button type="button" id="kernels-before" @click=${() => draft.restore()}>Back to your own draft</button>`}
      <button type="button" id="kernels-download" @click=${() => download(`${variant.shader}.wgsl`, 'text/plain', draft.text)}>↓ ${variant.shader}.wgsl</button>
      <button type="button" id="kernels-link" @click=${makeLink}>Link with this text</button>
      ${place.step === undefined ? html`<button type="button" id="kernels-train" @click=${train}>Train with it</button>` : nothing}
    </div>
    ${
      link === undefined
        ? nothing
        : html`<div class="kernels-made-link"><input id="kernels-address" readonly aria-label="Address with this text" .value=${link}><copy-button label="Copy" .text=${() => link}></copy-button></div>`
    }
  `;
}

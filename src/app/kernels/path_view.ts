// The guided path, for who never wrote a shader: five steps, and what each takes on this machine.
import { html, nothing, type TemplateResult } from 'lit';
import { roughly } from '../parts/format.ts';
import type { Laboratory } from './laboratory.ts';
import { PATH } from './path/path.ts';

export function pathView(laboratory: Laboratory): TemplateResult {
  const { place, running, pathTimes, gpu } = laboratory;
  const { step } = place;
  const busy = running?.what === 'path';
  const shown = step === undefined ? undefined : PATH[step - 1];
  return html`
    <section class="panel kernels-path" aria-labelledby="kernels-path-title">
      <div class="section-head">
        <h2 id="kernels-path-title">Never wrote a shader? Five steps</h2>
        <button type="button" id="kernels-time-path" ?disabled=${busy || !gpu} @click=${() => void laboratory.timePath()}>
          ${busy ? `Timing … ${Math.round(100 * running.share)} %` : 'Time all five'}
        </button>
      </div>
      <ol>
        ${PATH.map(
          ({ title }, index) => html`
            <li>
              <a href=${`#/kernels/dense_forward?step=${index + 1}`} aria-current=${step === index + 1 ? 'step' : nothing}>
                <span class="number">${index + 1}</span> <span>${title}</span>
                <span class="note" data-step=${index + 1}>${timeOf(index + 1, laboratory)}</span>
              </a>
            </li>
          `,
        )}
      </ol>
      ${
        shown
          ? html`<p>${shown.lesson}</p><p class="kernels-task"><strong>Try this:</strong> ${shown.task}</p>`
          : html`<p class="note">Each is dense_forward, written another way and in the editor: open one, read it, break it. All are checked against the same oracle.</p>`
      }
      ${pathTimes ? html`<p class="note">Medians in turns. The steps are made for a GPU: on a processor (SwiftShader, lavapipe), workgroup memory and barriers cost more than they save.</p>` : nothing}
    </section>
  `;
}

function timeOf(step: number, { pathTimes }: Laboratory): string {
  const entry = pathTimes?.entries.find(({ name }) => name === String(step));
  if (!entry?.milliseconds) return '';
  const ratio = entry.ratio ? `, ${entry.ratio.median.toFixed(1)}× the last` : '';
  return `${roughly(entry.milliseconds.median, 3)} ms${ratio}`;
}

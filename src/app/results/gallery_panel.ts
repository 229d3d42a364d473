// The images of a cell of the confusion matrix, or all mistakes, under their title.
import { html, nothing, type TemplateResult } from 'lit';
import type { Answer } from '../../evaluation/evaluation.ts';
import { judge } from '../model/judge.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import { type Cell, describeCell } from './confusion_view.ts';
import type { Examined } from './examined.ts';
import './image_gallery.ts';

interface Listener {
  /** An image is to be shown large. */
  onImage(index: number): void;
  /** All mistakes are to be listed again. */
  onAll(): void;
}

/** @param image the index of the one that is shown large, as the address has it */
export function galleryPanel(
  session: Session,
  { logits, evaluation, classNames, holdOut, shape }: Examined,
  cell: Cell | undefined,
  answers: readonly Answer[],
  image: string | null,
  listener: Listener,
): TemplateResult {
  const title = cell
    ? describeCell(cell, answers.length, classNames)
    : format.plural(answers.length, 'mistake');
  return html`
    <div class="panel">
      <div class="section-head">
        <h3 id="results-gallery-title" tabindex="-1" aria-live="polite">${title} <span class="aside">the most confident first</span></h3>
        ${cell ? html`<button type="button" id="results-all-mistakes" class="link" @click=${() => listener.onAll()}>All mistakes</button>` : nothing}
      </div>
      ${
        answers.length === 0
          ? html`<p class="note">${cell ? 'There are none.' : `Every ${judge(holdOut)} image was recognised.`}</p>`
          : html`
            <image-gallery
              .session=${session}
              .answers=${answers}
              .logits=${logits}
              .heldOutFrom=${holdOut === undefined ? undefined : shape.train - holdOut}
              .classes=${evaluation.classes}
              .classNames=${classNames}
              .chosen=${image === null ? undefined : Number(image)}
              .listId=${cell ? 'results-cell-images' : 'mistakes'}
              @choose=${({ detail }: CustomEvent<number>) => listener.onImage(detail)}
            ></image-gallery>
          `
      }
    </div>
  `;
}

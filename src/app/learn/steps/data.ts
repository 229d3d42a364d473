// Step 1: from the raw pixels to a batch.
import { html, type TemplateResult } from 'lit';
import * as format from '../../parts/format.ts';
import { decimal } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { BATCH } from '../lab_plan.ts';
import { row } from '../tutorial.ts';
import '../pixel_grid.ts';
import type { Tutorial } from '../tutorial.ts';
import { digitPicker, live, rowOf, type TutorialStep } from './step.ts';

export const dataStep: TutorialStep = {
  title: 'The data',
  kernels: ['gather_batch'],
  view: (tutorial) => html`
    <p>
      MNIST is a collection of 70,000 digits that people wrote by hand. 60,000 of them are there to learn
      from: the <em>training set</em>. The other 10,000, the <em>test set</em>, are put aside until the end,
      because a network that is asked about digits it has learned from would only show its memory.
    </p>
    <p>
      To the computer, a digit is 28 × 28 <em>pixels</em>, each a whole number from 0 (paper) to 255 (ink),
      and a <em>label</em> that says which digit was meant. Here is one of them: 784 numbers. Point at a
      pixel, touch it, or move over them with the arrow keys.
    </p>
    ${live(tutorial, (pass) => digitPiece(tutorial, pass))}
    <p>
      A network takes digits in <em>batches</em>, here of ${BATCH}. They come in an order that is shuffled
      before each pass over the training set; such a pass is an <em>epoch</em>, and takes 938 batches. The
      shuffle is computed from a <em>seed</em>, so it is the same on every machine.
    </p>
    <p>
      The kernel <code>gather_batch</code> collects a batch. The data set stays on the device as bytes; row
      <var>r</var> of the result <code>x</code> is the training image <code>order[first + r]</code>, with every byte
      divided by 255, so that the network gets numbers from 0 to 1.
    </p>
    ${live(tutorial, (pass) => batchPiece(tutorial, pass))}
  `,
};

function digitPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const index = rowOf(tutorial, pass);
  const { pixels, width } = pass.digits[index];
  const x = row(pass.tensors.activation0, pixels.length, index);
  const describe = (pixel: number) =>
    `Row ${Math.floor(pixel / width)}, column ${pixel % width}: ${pixels[pixel]} of 255. ` +
    `gather_batch makes it x[${index}, ${pixel}] = ${decimal(x[pixel])}.`;
  return html`
    <div class="learn-raw">
      <pixel-grid id="learn-pixels" .label=${'The pixels of the digit'} .picture=${{ values: pixels, colours: 'ink', numbers: true, describe }}></pixel-grid>
      <dl class="learn-facts">
        <div><dt>Label</dt><dd class="large" id="learn-label">${pass.targets[index]}</dd></div>
        <div><dt>Training image</dt><dd>${format.count(pass.indices[index])}</dd></div>
        <div><dt>Pixels that are not 0</dt><dd>${pixels.filter((pixel) => pixel > 0).length} of ${pixels.length}</dd></div>
        <div><dt>Training set</dt><dd>${tutorial.data ? format.count(tutorial.data.train) : '–'} digits</dd></div>
        <div><dt>Test set</dt><dd>${tutorial.data ? format.count(tutorial.data.test) : '–'} digits</dd></div>
      </dl>
    </div>
  `;
}

function batchPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { batch } = tutorial.place;
  const batches = Math.ceil((tutorial.data?.train ?? 0) / BATCH);
  const { digits, indices } = pass;
  const move = (by: number) => tutorial.edit({ batch: batch + by });
  return html`
    <div class="learn-row">
      <button type="button" aria-label="Previous batch" ?disabled=${batch === 0} @click=${() => move(-1)}>←</button>
      <p id="learn-batch">Batch <strong>${format.count(batch + 1)}</strong> of ${format.count(batches)}</p>
      <button type="button" id="learn-next-batch" aria-label="Next batch" ?disabled=${batch + 1 >= batches} @click=${() => move(1)}>→</button>
    </div>
    ${digitPicker(tutorial, pass)}
    <p class="note">
      <code>order[${batch * BATCH} … ${batch * BATCH + digits.length - 1}]</code> =
      ${indices.slice(0, 6).join(', ')}, …; <code>x</code> is [${digits.length}, ${digits[0].pixels.length}], <code>targets</code> =
      ${pass.targets.slice(0, 6).join(', ')}, …
    </p>
  `;
}

// The kernel table: one line each, and of the one that is open its pair, formula, shapes and bindings.
import { html, nothing, type TemplateResult } from 'lit';
import { wgslKernel } from '../../engine/webgpu/kernels/index.ts';
import { KERNEL_SUMMARIES } from '../../network/kernel_summaries.ts';
import { KERNEL_NAMES, type KernelName, kernelSpec } from '../../network/kernels.ts';

/** What a kernel is for, in a few words. */
const LINES: { readonly [K in KernelName]: string } = {
  distort: 'bends images at random',
  gather_batch: 'shuffled bytes to pixels',
  dense_forward: 'activation(x·W + b)',
  softmax_cross_entropy: 'loss, and its gradient',
  dense_backward_weight: 'dW = xᵀ·dy, and db',
  dense_backward_input: 'dx = dy·Wᵀ',
  sgd: 'update with momentum',
  adamw: 'update by two moments',
  confusion: 'counts of answers',
  gather_batch_int8: 'bytes to 7 bits',
  dense_forward_int8: 'in integers',
  dense_output_int8: 'logits of integers',
};

/** What goes forward, and what goes back for it. */
const PAIRS: { readonly [K in KernelName]?: readonly KernelName[] } = {
  dense_forward: ['dense_backward_weight', 'dense_backward_input'],
  dense_backward_weight: ['dense_forward'],
  dense_backward_input: ['dense_forward'],
  gather_batch: ['distort'],
  distort: ['gather_batch'],
  sgd: ['adamw'],
  adamw: ['sgd'],
  dense_forward_int8: ['dense_output_int8'],
  dense_output_int8: ['dense_forward_int8'],
  gather_batch_int8: ['gather_batch'],
};

export function kernelList(shown: KernelName): TemplateResult {
  return html`
    <nav class="kernels-list" aria-label="Kernels">
      <ul>
        ${KERNEL_NAMES.map(
          (name) => html`
            <li>
              <a href=${`#/kernels/${name}`} aria-current=${name === shown ? 'true' : nothing}>
                <code>${name}</code> <span class="note">${LINES[name]}</span>
              </a>
            </li>
          `,
        )}
      </ul>
    </nav>
  `;
}

const ACCESS = { read: 'read', write: 'written', update: 'updated' } as const;

/** @param shader the file in the editor */
export function kernelFacts(kernel: KernelName, shader: string): TemplateResult {
  const { operands, constants } = kernelSpec(kernel);
  const summary = KERNEL_SUMMARIES[kernel];
  const { bindings } = wgslKernel(kernel);
  const pair = PAIRS[kernel] ?? [];
  return html`
    <details class="kernels-facts more">
      <summary>Operands, bindings and constants</summary>
      <div class="scroller" tabindex="0" role="region" aria-label=${`Operands of ${kernel}`}>
        <table class="scores">
          <thead><tr><th scope="col">operand</th><th scope="col">is</th><th scope="col">type</th><th scope="col">shape</th></tr></thead>
          <tbody>
            ${Object.entries(operands).map(
              ([name, { access, type, shape }]) => html`
                <tr><th scope="row"><code>${name}</code></th><td>${ACCESS[access]}</td><td>${type}</td><td>[${shape.join(', ')}]</td></tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      <p class="note">
        <code>${shader}.wgsl</code> binds in group 0:
        ${Object.entries(bindings).map(([name, access], index) => html`${index > 0 ? ', ' : ''}${index} <code>${name}</code> (${access === 'read' ? 'read' : 'read and written'})`)},
        ${Object.keys(bindings).length} <code>constants</code> (${Object.keys(constants).join(', ')}, and where operands begin); in group 1: 0 <code>step</code>.
        Operands of a kind share a buffer, in which rows begin at multiples of four elements.
      </p>
    </details>
    <p class="kernels-formula">${summary}</p>
    ${
      pair.length > 0
        ? html`<p class="note">Goes with ${pair.map((name, index) => html`${index > 0 ? ' and ' : ''}<a href=${`#/kernels/${name}`}>${name}</a>`)}.</p>`
        : nothing
    }
  `;
}

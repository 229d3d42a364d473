// <kernel-source>: what a kernel reads and writes, with the shapes of the plan shown, and its sources as they
// are in the repository. They load when it is opened.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import { KERNEL_SUMMARIES } from '../../network/kernel_summaries.ts';
import { type KernelName, kernelSpec } from '../../network/kernels.ts';
import type { KernelCall, Plan } from '../../network/plan.ts';
import { count } from '../parts/format.ts';
import { assemblyFiles, sourceOf } from '../parts/kernel_sources.ts';

export class KernelSource extends LitElement {
  static override properties = {
    kernel: { attribute: false },
    plan: { attribute: false },
    file: { state: true },
    text: { state: true },
  };

  declare kernel: KernelName;
  /** Undefined: the operands are shown without their shapes in the network. */
  declare plan: Plan | undefined;
  declare private file: string;
  declare private text: string;

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const { kernel, plan } = this;
    return html`
      <details class="learn-source" @toggle=${(event: Event) => (event.target as HTMLDetailsElement).open && !this.file && this.open(this.files[0])}>
        <summary><code>${kernel}</code> <span class="note">${KERNEL_SUMMARIES[kernel]}</span></summary>
        <div class="learn-scroll" tabindex="0" role="region" aria-label=${`Operands of ${kernel}`}>
          ${operandTable(kernel, plan)}
        </div>
        <div class="learn-files" role="group" aria-label=${`Sources of ${kernel}`}>
          ${this.files.map(
            (file) => html`
              <button type="button" aria-pressed=${file === this.file} @click=${() => this.open(file)}>${file}</button>
            `,
          )}
        </div>
        <p class="note"><a href=${`#/kernels/${kernel}`}>Change it and see what happens</a></p>
        <pre class="learn-code" tabindex="0" role="region" aria-label=${this.file ?? 'Source'}><code>${this.text ?? '…'}</code></pre>
      </details>
    `;
  }

  private get files(): string[] {
    return [`shaders/${this.kernel}.wgsl`, ...assemblyFiles(this.kernel)];
  }

  private async open(file: string): Promise<void> {
    this.file = file;
    const text = await sourceOf(file).catch(
      (error: unknown) => `This file could not be loaded (${messageOf(error)}). Choose it again.`,
    );
    if (file === this.file) this.text = text;
  }
}

customElements.define('kernel-source', KernelSource);

function operandTable(kernel: KernelName, plan: Plan | undefined): TemplateResult {
  const { operands } = kernelSpec(kernel);
  const calls = plan ? callsOf(plan, kernel) : [];
  return html`
    <table class="learn-operands">
      <thead>
        <tr>
          <th scope="col">operand</th>
          <th scope="col">is</th>
          <th scope="col">type</th>
          <th scope="col">shape</th>
          ${calls.length > 0 ? html`<th scope="col" colspan=${calls.length}>in this network</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${Object.entries(operands).map(
          ([name, { access, type, shape }]) => html`
            <tr>
              <th scope="row"><code>${name}</code></th>
              <td>${ACCESS[access]}</td>
              <td>${type}</td>
              <td>[${shape.join(', ')}]</td>
              ${calls.map(
                (call) =>
                  html`<td><code>${call.operands[name]}</code> [${shape.map((extent) => count(extentOf(extent, call, plan!))).join(', ')}]</td>`,
              )}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

const ACCESS = { read: 'read', write: 'written', update: 'updated' } as const;

/** The kernel's calls in one training step, or those of an evaluation if no training step calls it. */
function callsOf({ calls }: Plan, kernel: KernelName): KernelCall[] {
  const of = (phase: readonly KernelCall[]) => phase.filter((call) => call.kernel === kernel);
  const training = of(calls.train);
  return training.length > 0 ? training : of(calls.evaluate);
}

/** A named dimension of the kernel table as a number. */
function extentOf(name: string, { kernel, constants }: KernelCall, { buffers, batch }: Plan): number {
  if (name in constants) return constants[name];
  switch (name) {
    case 'rows':
      return kernel === 'confusion' ? batch.evaluate : batch.train;
    case 'samples':
      return buffers.trainLabels.shape[0];
    case 'slots':
      return buffers.metrics.shape[0];
    default:
      return buffers.metrics.shape[1];
  }
}

// The network: as text, and its hidden layers one by one.
import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { countParameters, LIMITS, parseNetwork, resolveAuto } from '../../network/spec.ts';
import { type DatasetShape, hiddenWidths, withHiddenWidths } from '../model/form.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import { selectField, textField } from './field.ts';

const NEW_LAYER = '64';

const ACTIVATION_TITLES = {
  relu: 'ReLU',
  leaky_relu: 'leaky ReLU',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  linear: 'none (linear)',
};

export function networkView(session: Session): TemplateResult {
  const { values, shape } = session.state;
  const hidden = hiddenWidths(values.network);
  const change = (widths: readonly string[]) =>
    session.edit({ network: withHiddenWidths(values.network, widths, shape) });
  return html`
    <section aria-labelledby="network-title">
      <div class="section-head">
        <h2 id="network-title">Network</h2>
        <output id="parameters" class="aside" for="network">${parameterText(values.network, shape)}</output>
      </div>
      ${textField(session, 'network', 'Layers', 'text')}
      <div class="layers" role="group" aria-label="Hidden layers">
        ${hidden.map((width, index) => hiddenLayer(width, index, hidden, change))}
        <button
          type="button"
          id="add-layer"
          class="add"
          ?disabled=${hidden.length + 1 >= LIMITS.layers}
          @click=${() => change([...hidden, hidden.at(-1) ?? NEW_LAYER])}
        >
          + hidden layer
        </button>
      </div>
      ${selectField(session, 'activation', 'Activation of hidden units', ACTIVATION_TITLES)}
    </section>
  `;
}

function hiddenLayer(
  width: string,
  index: number,
  hidden: readonly string[],
  change: (widths: readonly string[]) => void,
): TemplateResult {
  const name = `hidden layer ${index + 1}`;
  // A hyphen would make another layer of this one.
  const edit = (event: Event) =>
    change(hidden.with(index, (event.target as HTMLInputElement).value.replaceAll('-', '')));
  return html`
    <span class="layer">
      <input aria-label=${`Units of ${name}`} inputmode="numeric" .value=${live(width)} @input=${edit}>
      <button type="button" aria-label=${`Remove ${name}`} title="Remove" @click=${() => change(hidden.toSpliced(index, 1))}>
        ×
      </button>
    </span>
  `;
}

function parameterText(network: string, shape: DatasetShape): string {
  try {
    const parameters = countParameters(parseNetwork(resolveAuto(network.trim(), shape)));
    return `${format.count(parameters)} parameters, ${format.float32Size(parameters)}`;
  } catch {
    return '– parameters';
  }
}

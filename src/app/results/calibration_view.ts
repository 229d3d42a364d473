// Whether the network is right as often as it is confident.
import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import type { Calibration } from '../../evaluation/calibration.ts';
import { calibrationMarkup } from '../../evaluation/calibration_html.ts';

export function calibrationView(calibration: Calibration): TemplateResult {
  return html`
    <div class="panel">
      <h3>Calibration <span class="aside">is it right as often as it is confident?</span></h3>
      ${unsafeHTML(calibrationMarkup(calibration).text)}
    </div>
  `;
}

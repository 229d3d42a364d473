// Asks before an address starts work: whoever follows a link may not know what it does.
import { html, nothing, type TemplateResult } from 'lit';
import './notice.css';

/**
 * @param what the link starts: "a benchmark"
 * @param answer called with whether it is to start; undefined where nothing is asked
 */
export function askView(
  what: string,
  answer: ((start: boolean) => void) | undefined,
): TemplateResult | typeof nothing {
  if (!answer) return nothing;
  return html`
    <section class="notice" role="region" aria-label="This link starts work">
      <p>This link starts ${what} on this machine.</p>
      <button type="button" class="primary ask-start" @click=${() => answer(true)}>Start</button>
      <button type="button" class="ask-not-now" @click=${() => answer(false)}>Not now</button>
    </section>
  `;
}

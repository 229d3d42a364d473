// The button under a list of which only the first are shown.
import { html, nothing, type TemplateResult } from 'lit';
import { count } from '../parts/format.ts';

export function moreButton(
  shown: number,
  total: number,
  page: number,
  onMore: () => void,
): TemplateResult | typeof nothing {
  if (shown >= total) return nothing;
  const rest = total - shown;
  const text = rest > page ? `${page} more of ${count(rest)}` : `${count(rest)} more`;
  return html`<button type="button" class="more-of-list" @click=${onMore}>${text}</button>`;
}

// Says what of an address a view does not understand.
import { html, nothing, type TemplateResult } from 'lit';
import './notice.css';

/** @param isKnown whether the view understands such a parameter with such a value */
export function unknownView(
  params: URLSearchParams,
  isKnown: (name: string, value: string) => boolean,
): TemplateResult | typeof nothing {
  const unknown = [...params].filter(([name, value]) => !isKnown(name, value));
  if (unknown.length === 0) return nothing;
  const named = unknown.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join(', ');
  return html`<p class="notice unknown" role="status">The address asks for what this page does not know, and leaves out: ${named}</p>`;
}

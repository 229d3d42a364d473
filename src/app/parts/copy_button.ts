// <copy-button>: copies a text and says so; where the browser refuses, it shows the text, selected.
import { html, LitElement, nothing, type TemplateResult } from 'lit';

class CopyButton extends LitElement {
  static override properties = {
    label: {},
    text: { attribute: false },
    copied: { state: true },
    refused: { state: true },
  };

  declare label: string;
  /** Made when it is asked for. */
  declare text: () => string;
  declare private copied: boolean;
  declare private refused: string | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const { label, copied, refused } = this;
    return html`
      <button type="button" class="copy" aria-label=${label} @click=${() => void this.copy()}>
        <span ?data-away=${copied}>${label}</span><span ?data-away=${!copied}>✓ Copied</span>
      </button>
      <span class="visually-hidden" role="status">${copied ? 'Copied' : ''}</span>
      ${
        refused === undefined
          ? nothing
          : html`
            <div class="refused">
              <label>
                <span class="note">The browser did not copy it. It is selected here: press Ctrl+C or ⌘C.</span>
                <textarea readonly rows="6" .value=${refused}></textarea>
              </label>
              <button type="button" class="link" @click=${() => (this.refused = undefined)}>Close</button>
            </div>
          `
      }
    `;
  }

  private async copy(): Promise<void> {
    const text = this.text();
    try {
      await navigator.clipboard.writeText(text);
      this.refused = undefined;
      this.copied = true;
      setTimeout(() => (this.copied = false), 4000);
    } catch {
      this.refused = text;
      await this.updateComplete;
      this.querySelector('textarea')?.select();
    }
  }
}

customElements.define('copy-button', CopyButton);

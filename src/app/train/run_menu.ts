// The menu of what can be done with a run. It is in the page only while it is open.
import { html, nothing, type TemplateResult } from 'lit';

export interface Action {
  /** Tells it from the menu's others. */
  readonly name: string;
  readonly label: string;
  readonly disabled?: boolean;
  /** A link, or what is done. */
  readonly does: string | (() => void);
}

/**
 * @param subject what the actions are for
 * @param onToggle called with whether it is to be open
 */
export function menuView(
  subject: string,
  open: boolean,
  actions: readonly Action[],
  onToggle: (open: boolean) => void,
): TemplateResult {
  const onKey = (event: KeyboardEvent) => {
    if (open || !(event.key === 'ArrowDown' || event.key === 'ArrowUp')) return;
    event.preventDefault();
    onToggle(true);
  };
  return html`
    <div class="menu-place">
      <button
        type="button"
        class="menu-button"
        aria-haspopup="menu"
        aria-expanded=${open ? 'true' : 'false'}
        aria-label=${`Actions of ${subject}`}
        title="Actions"
        @click=${() => onToggle(!open)}
        @keydown=${onKey}
      >⋯</button>
      ${open ? list(subject, actions, onToggle) : nothing}
    </div>
  `;
}

function list(
  subject: string,
  actions: readonly Action[],
  onToggle: (open: boolean) => void,
): TemplateResult {
  const item = ({ name, label, does, disabled = false }: Action) =>
    typeof does === 'string'
      ? html`<a role="menuitem" tabindex="-1" data-action=${name} href=${does} @click=${() => onToggle(false)}>${label}</a>`
      : html`
        <button
          type="button"
          role="menuitem"
          tabindex="-1"
          data-action=${name}
          ?disabled=${disabled}
          @click=${() => {
            onToggle(false);
            does();
          }}
        >${label}</button>
      `;
  return html`
    <div class="menu" role="menu" aria-label=${`Actions of ${subject}`} @keydown=${(event: KeyboardEvent) => move(event, onToggle)}>
      ${actions.map(item)}
    </div>
  `;
}

function move(event: KeyboardEvent, onToggle: (open: boolean) => void): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[
    event.key
  ];
  if (next !== undefined) {
    event.preventDefault();
    items[next % items.length].focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    // Tab then leaves from the button.
    menu.parentElement?.querySelector<HTMLElement>('.menu-button')?.focus();
    onToggle(false);
  }
}

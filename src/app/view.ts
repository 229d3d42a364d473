// What the views have in common: custom elements in the page's own tree, so that the style sheet and labels
// reach them.
import { LitElement, type PropertyDeclarations } from 'lit';
import type { Session } from './model/session.ts';
import type { ViewName } from './router.ts';

/**
 * Drawn anew when the session changes; not while something trains and another view is shown, which is told of
 * when it is shown again.
 */
export abstract class SessionElement extends LitElement {
  static override properties: PropertyDeclarations = { session: { attribute: false } };

  declare session: Session;
  private unsubscribe: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.unsubscribe = this.session.subscribe(() => {
      if (!(this.session.busy && this.closest('[hidden]'))) this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe?.();
  }

  protected override createRenderRoot(): this {
    return this;
  }
}

/**
 * A view is made when it is first shown and stays: what goes on in it goes on while another is looked at. It
 * is drawn anew also when its own properties change, and when its address does.
 */
export abstract class View extends SessionElement {
  static override properties: PropertyDeclarations = {
    ...SessionElement.properties,
    params: { attribute: false },
  };

  /** The address's parameters; what the view changes by itself goes there by {@link keep}. */
  declare params: URLSearchParams;
  abstract readonly name: ViewName;

  /** Puts the view's state into its address. */
  protected keep(params: URLSearchParams): void {
    this.params = params;
    this.session.router.keep(this.name, params);
  }
}

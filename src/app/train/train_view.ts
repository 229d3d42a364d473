// The first view: what it is for, the training as it goes, and beside it the form.
import { html, nothing, type TemplateResult } from 'lit';
import '../parts/digit_image.ts';
import { unknownView } from '../parts/unknown_view.ts';
import { View } from '../view.ts';
import './train.css';
import './live.css';
import { leadView } from './actions_view.ts';
import './distortion_view.ts';
import { choosesEngine } from './engine_view.ts';
import { formView } from './form_view.ts';
import { liveView } from './live_view.ts';
import { runsAreSettled, runsView } from './runs_view.ts';
import { isKnownParameter } from './sweep.ts';
import './sweep_view.ts';
import { unfinishedView } from './unfinished_view.ts';
import { unreadableView } from './unreadable_view.ts';

class TrainView extends View {
  readonly name = 'train';
  /** Whether charts and the network's picture can be drawn: they load when they are needed, or before. */
  private drawable = false;
  private loading: Promise<unknown> | undefined;
  private choseEngine = false;
  /** The runs had their place once: what stands below them is there, too. */
  private settled = false;
  private focused: Element | null = null;

  override render(): TemplateResult {
    const { session, drawable } = this;
    this.settled ||= runsAreSettled(session);
    return html`
      ${unknownView(this.params, isKnownParameter)} ${leadView(session)}
      <div class="workbench">
        <div class="outcome">
          ${unfinishedView(session)} ${liveView(session, drawable)}
          ${runsView(session)} ${unreadableView(session)}
          ${this.settled ? html`<sweep-panel .session=${session}></sweep-panel>` : nothing}
        </div>
        ${formView(session, () => void this.train())}
      </div>
    `;
  }

  override willUpdate(): void {
    this.focused = this.contains(document.activeElement) ? document.activeElement : null;
    const { engines, loading } = this.session.state;
    if (this.session.busy) void this.loadDrawings();
    else if (engines && !loading) whenIdle(() => void this.loadDrawings());
  }

  override updated(): void {
    this.openEngine();
    this.keepFocus();
  }

  /** What an address asks for is in sight; what was folded by hand stays folded. */
  private openEngine(): void {
    const chooses = choosesEngine(this.session.state.values);
    if (chooses && !this.choseEngine) this.querySelector<HTMLDetailsElement>('#engine')!.open = true;
    this.choseEngine = chooses;
  }

  /** What had the focus may be gone, or of no use any more; the button that trains and pauses never is. */
  private keepFocus(): void {
    const { focused } = this;
    const gone = focused && (!focused.isConnected || focused.matches(':disabled, [hidden]'));
    const elsewhere = document.activeElement !== document.body && document.activeElement !== focused;
    if (gone && !elsewhere) this.querySelector<HTMLElement>('#train')?.focus({ preventScroll: true });
  }

  private loadDrawings(): Promise<unknown> {
    this.loading ??= Promise.all([import('../parts/curve_chart.ts'), import('./network_panel.ts')])
      .then(() => {
        this.drawable = true;
        this.requestUpdate();
      })
      // Without a connection: the next training asks again.
      .catch(() => {
        this.loading = undefined;
      });
    return this.loading;
  }

  private async train(): Promise<void> {
    const training = this.session.train();
    const wrong = this.session.state.problem?.field;
    if (wrong && !this.session.busy) {
      const field = this.querySelector<HTMLElement>(`[name="${wrong}"]`);
      field?.closest('details')?.setAttribute('open', '');
      field?.focus();
      field?.scrollIntoView({ block: 'center' });
    } else {
      this.querySelector('.live')?.scrollIntoView({ block: 'nearest' });
    }
    await training;
  }
}

/** WebKit has no idle callbacks. */
function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act);
  else setTimeout(act, 500);
}

customElements.define('train-view', TrainView);

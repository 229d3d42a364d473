// The first view: the form beside the training as it goes.
import { html, type TemplateResult } from 'lit';
import '../parts/curve_chart.ts';
import '../parts/digit_image.ts';
import { unknownView } from '../parts/unknown_view.ts';
import { View } from '../view.ts';
import './train.css';
import './distortion_view.ts';
import { formView } from './form_view.ts';
import { liveView } from './live_view.ts';
import { outcomeView } from './outcome_view.ts';
import { runsView } from './runs_view.ts';
import { isKnownParameter } from './sweep.ts';
import './sweep_view.ts';
import { unfinishedView } from './unfinished_view.ts';
import { unreadableView } from './unreadable_view.ts';

class TrainView extends View {
  readonly name = 'train';

  override render(): TemplateResult {
    return html`
      ${unknownView(this.params, isKnownParameter)}
      <div class="workbench">
        ${formView(this.session, () => void this.train())}
        <div class="outcome">
          ${unfinishedView(this.session)} ${liveView(this.session)} ${outcomeView(this.session)}
          ${runsView(this.session)} ${unreadableView(this.session)}
          <sweep-panel .session=${this.session}></sweep-panel>
        </div>
      </div>
    `;
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

customElements.define('train-view', TrainView);

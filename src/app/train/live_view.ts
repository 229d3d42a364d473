// The training as it goes: progress, numbers and curves. Everything keeps its place whether there are values or not.
import { html, type TemplateResult } from 'lit';
import type { Measure } from '../parts/curve_chart.ts';
import * as format from '../parts/format.ts';
import type { Session } from '../session.ts';

export function liveView(session: Session): TemplateResult {
  const { status, phase, progress } = session.state;
  const share = progress ? progress.step / progress.steps : 0;
  return html`
    <section class="panel live" aria-label="Progress" data-phase=${phase}>
      <div class="status-line">
        <p id="status" role="status">${status}</p>
        <p id="share" class="aside">${progress ? format.percent(share, 0) : ''}</p>
      </div>
      <progress id="progress" max="1" .value=${share} aria-label="Steps done"></progress>
      ${numbers(session)}
      <div class="charts">${chart(session, 'loss', 'Loss')} ${chart(session, 'accuracy', 'Accuracy')}</div>
    </section>
  `;
}

function numbers({ state, busy }: Session): TemplateResult {
  const { progress, epochs, run } = state;
  const last = epochs.at(-1);
  const speed = busy ? progress?.imagesPerSecond : last?.imagesPerSecond;
  const time = busy
    ? { label: 'Time left', value: progress ? format.duration(progress.secondsLeft) : '–' }
    : { label: 'Time', value: epochs.length > 0 && run ? format.duration(run.report.seconds) : '–' };
  return html`
    <dl class="numbers">
      ${number('epoch', 'Epoch', progress ? `${progress.epoch} / ${progress.epochs}` : '–')}
      ${number('loss', 'Training loss', progress ? format.loss(progress.loss) : '–')}
      ${number('test-accuracy', 'Test accuracy', last ? format.percent(last.testAccuracy) : '–')}
      ${number('speed', 'Images/s', speed ? format.count(speed) : '–')} ${number('time', time.label, time.value)}
    </dl>
  `;
}

function number(id: string, label: string, value: string): TemplateResult {
  return html`<div><dt>${label}</dt><dd id=${`live-${id}`}>${value}</dd></div>`;
}

function chart({ state }: Session, measure: Measure, title: string): TemplateResult {
  const epochs = state.progress?.epochs ?? Math.max(1, Number(state.values.epochs) || 1);
  const curves = state.curves?.[measure];
  return html`
    <figure class="chart" id=${`chart-${measure}`}>
      <figcaption>${title} <span class="aside">by epoch</span></figcaption>
      <curve-chart .measure=${measure} .epochs=${epochs} .curves=${curves}></curve-chart>
    </figure>
  `;
}

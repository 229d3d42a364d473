// The training as it goes: progress, numbers and curves. Everything keeps its place whether there are values or not.
import { html, type TemplateResult } from 'lit';
import { parseNetwork, trainingOperations } from '../../network/spec.ts';
import type { EpochReport } from '../../training/trainer.ts';
import type { Measure } from '../parts/curve_chart.ts';
import * as format from '../parts/format.ts';
import { engineTitle, type Session, type SessionState } from '../session.ts';

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
  const { progress, epochs, run, network } = state;
  const last = epochs.at(-1);
  const speed = busy ? progress?.imagesPerSecond : last?.imagesPerSecond;
  const time = busy
    ? { label: 'Time left', value: progress ? format.duration(progress.secondsLeft) : '–' }
    : { label: 'Time', value: epochs.length > 0 && run ? format.duration(run.report.seconds) : '–' };
  const gflops = speed && network ? (speed * trainingOperations(parseNetwork(network))) / 1e9 : undefined;
  return html`
    <dl class="numbers">
      ${number('epoch', 'Epoch', progress ? `${progress.epoch} / ${progress.epochs}` : '–')}
      ${number('loss', 'Training loss', progress ? format.loss(progress.loss) : '–')}
      ${number('test-accuracy', 'Test accuracy', last ? format.percent(last.testAccuracy) : '–')}
      ${number('speed', 'Images/s', speed ? format.count(speed) : '–')}
      ${number('gflops', 'GFLOP/s', gflops === undefined ? '–' : gflops.toFixed(gflops < 10 ? 1 : 0))}
      ${number('time', time.label, time.value)}
    </dl>
    <ul class="milestones" aria-label="Time to a test accuracy, and share of the device’s peak">
      ${MILESTONES.map((share) => html`<li>${format.percent(share, 1)} ${reached(share, epochs)}</li>`)}
      <li id="live-peak">${shareOfPeak(state, gflops)}</li>
    </ul>
  `;
}

/** Test accuracies worth a clock: the classic tutorial's, and what is hard for a dense network. */
const MILESTONES = [0.976, 0.98, 0.99];

/** Training alone; evaluations are left out. */
function reached(share: number, epochs: readonly EpochReport[]): string {
  const at = epochs.findIndex(({ testAccuracy }) => testAccuracy >= share);
  if (at < 0) return 'not reached';
  const seconds = epochs.slice(0, at + 1).reduce((sum, epoch) => sum + epoch.seconds, 0);
  return `after ${format.duration(seconds)}, ${format.plural(at + 1, 'epoch')}`;
}

/** Of the multiply-adds that the engine's device was measured to do; zero pixels, which are skipped, count all the same. */
function shareOfPeak({ peak, engine }: SessionState, gflops: number | undefined): string {
  if (!peak || !gflops || !engine || peak.engine !== engineTitle(engine)) return '';
  return `${format.percent(gflops / peak.gflops, 0)} of the ${peak.gflops.toFixed(0)} GFLOP/s measured here`;
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

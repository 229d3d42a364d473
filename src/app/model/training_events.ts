// What the page's state becomes with each event of a training.
import type { TrainEvent } from '../../jobs/job.ts';
import * as format from '../parts/format.ts';
import type { CurveRecorder } from './curves.ts';
import { judged } from './judge.ts';
import type { SessionState } from './state.ts';

/**
 * @param recorder notes the event's points
 * @param beginsPaused the training began for a single step
 */
export function afterEvent(
  event: TrainEvent,
  state: SessionState,
  recorder: CurveRecorder,
  beginsPaused: boolean,
): Partial<SessionState> {
  switch (event.kind) {
    case 'engine':
      return {
        engine: event.info,
        phase: beginsPaused ? 'paused' : 'training',
        status: `${beginsPaused ? 'Paused' : 'Training'} on ${format.engine(event.info)}`,
      };
    case 'moved': {
      const moved = `The training was computed on ${event.from.join(' and ')} so far and goes on with ${event.to}: its numbers will differ from those of a run without interruption.`;
      const before = state.problem?.message;
      return { problem: { message: before ? `${before} ${moved}` : moved } };
    }
    case 'lost': {
      const message = `${event.message}; ${event.goesOn ? 'WASM goes on' : 'the last finished epoch is kept'}.`;
      return { problem: { message } };
    }
    case 'tuned':
      return { tuned: state.tuned + event.rows.length };
    case 'progress':
      recorder.addPoints(event.progress.points);
      return { progress: event.progress, curves: recorder.curves() };
    case 'epoch': {
      const { epoch, testAccuracy } = event.report;
      recorder.addEpoch(event.report);
      const told = { epochs: [...state.epochs, event.report], curves: recorder.curves() };
      // A pause or stop that was asked for is still what matters.
      if (state.phase !== 'training') return told;
      const measure = judged(state.job?.holdOut, 'accuracy').toLowerCase();
      return { ...told, status: `Epoch ${epoch}: ${measure} ${format.percent(testAccuracy)}` };
    }
    case 'snapshot':
      return {};
  }
}

import type { PlantedErrors } from './planted.ts';

export const confusion: PlantedErrors = {
  wgsl: [
    {
      what: 'rows and columns exchanged',
      from: 'targets[r] * constants.classes + best',
      to: 'best * constants.classes + targets[r]',
    },
    { what: 'a last class left out', from: 'c < constants.classes', to: 'c + 1 < constants.classes' },
    {
      what: 'a tie won by the highest class',
      from: 'activations[row + c] > activations',
      to: 'activations[row + c] >= activations',
    },
    { what: 'a row too many', from: 'r >= step.rows', to: 'r > step.rows' },
  ],
  assembly: [
    { what: 'rows and columns exchanged', from: 'target * classes + best', to: 'best * classes + target' },
    { what: 'a last class left out', from: 'c < classes', to: 'c + 1 < classes' },
    { what: 'a tie won by the highest class', from: 'logit > largest', to: 'logit >= largest' },
    { what: 'a row too many', from: 'r < step.rows', to: 'r <= step.rows' },
  ],
};

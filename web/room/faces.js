// The little display on each printer. Eyes and a mouth say it faster than a code.
import {svg} from '/vendor/lit-html/lit-html.js';

const dots = svg`<g class="eyes"><circle cx="36" cy="25" r="4.5"></circle><circle cx="64" cy="25" r="4.5"></circle></g>`;
const wide = svg`<g class="eyes"><circle class="hollow" cx="36" cy="24" r="6.5"></circle><circle class="hollow" cx="64" cy="24" r="6.5"></circle>
  <circle cx="36" cy="24" r="2"></circle><circle cx="64" cy="24" r="2"></circle></g>`;
const up = svg`<g class="eyes"><circle cx="37" cy="20" r="4.5"></circle><circle cx="63" cy="20" r="4.5"></circle></g>`;
const shut = svg`<path d="M30 26q6 4 12 0M58 26q6 4 12 0"></path>`;
const crossed = svg`<path d="m31 19 10 11m0-11-10 11M59 19l10 11m0-11-10 11"></path>`;
const squeezed = svg`<path d="m31 19 9 6-9 6M69 19l-9 6 9 6"></path>`;
const sleepy = svg`<path d="M30 24h12M58 24h12"></path><path d="M32 24a4 5 0 0 0 8 0M60 24a4 5 0 0 0 8 0"></path>`;
const swirl = svg`<path d="M36 25a2 2 0 1 1 2 2 4.5 4.5 0 1 1 3-4M64 25a2 2 0 1 1 2 2 4.5 4.5 0 1 1 3-4"></path>`;
const worried = svg`${dots}<path d="M28 17l11-4M72 17l-11-4"></path>`;

const smile = svg`<path d="M38 40q12 11 24 0"></path>`;
const busy = svg`<path d="M42 43h16"></path><path class="tongue" d="M46 43v4q4 4 8 0v-4"></path>`;
const flat = svg`<path d="M40 44h20"></path>`;
const sad = svg`<path d="M39 47q11-10 22 0"></path>`;
const gasp = svg`<ellipse class="hollow" cx="50" cy="45" rx="6" ry="5.5"></ellipse>`;
const wavy = svg`<path d="M36 44q4.5-6 9 0t9 0 9 0"></path>`;
const zipped = svg`<path d="M37 44h26M42 41v6M47 41v6M52 41v6M57 41v6"></path>`;
const snore = svg`<path d="M46 45h8"></path><g class="snore"><path d="M74 20h6l-6 7h6M83 9h5l-5 6h5"></path></g>`;

const faces = {
  '': [dots, smile],
  printing: [up, busy],
  power_off: [shut, snore],
  unplugged: [worried, wavy],
  dead: [crossed, flat],
  cover_open: [wide, gasp],
  no_paper: [worried, gasp],
  cutter_error: [squeezed, wavy],
  offline: [sleepy, flat],
  paper_low: [worried, flat],
  slow: [sleepy, smile],
  garbage: [swirl, wavy],
  silent: [dots, zipped],
};

export function face({problem, printing}) {
  const [eyes, mouth] = faces[problem || (printing ? 'printing' : '')] ?? faces[''];
  return svg`<g class="face ${problem || (printing ? 'printing' : 'happy')}">${eyes}${mouth}</g>`;
}

// The page of a run: its sections in their order.

import '../kit/theme.js';
import {addTo, data} from '../kit/elements.js';
import {composeSection} from '../compose/compose.js';
import {chartFigure} from './chart.js';
import {keepPageView, keepView} from './kept_view.js';
import {followRun, keepPage} from './live.js';
import {evolutionSection, interpolationSection, nearestSection, samplesSection} from './music.js';

samplesSection();
const composed = composeSection();
evolutionSection();
for (const chart of data.charts) {
  const {element, start} = chartFigure(chart);
  addTo(chart.section, element);
  start();
}
nearestSection();
interpolationSection();
if (composed) {
  keepPage(composed.isAtWork);
  keepView('composed', composed.read, composed.take);
}
keepPageView();
followRun();

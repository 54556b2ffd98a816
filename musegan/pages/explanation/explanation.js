// The page of an explanation: its sections in their order. The graph takes words of the list before that gets marks.

import '../kit/theme.js';
import {stepsSection} from './steps.js';
import {graphSection} from './graph.js';
import {mapsSection} from './maps.js';
import {pullsSection} from './pulls.js';
import {waysSection} from './ways.js';

graphSection();
stepsSection();
mapsSection();
pullsSection();
waysSection();

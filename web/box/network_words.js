// What is to be said of the way to the server; loaded when there is something.
import {bring} from '/common/words.js';

const own = {en: () => import('./network_words.en.js'), de: () => import('./network_words.de.js')};
export const networkWords = () => bring(own);

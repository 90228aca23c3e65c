// Where boxes stand, what they are called by and how they are reached: words that are loaded with these parts.
import {bring} from '/common/words.js';
import {words} from './place_words.en.js';

const own = {en: async () => ({words}), de: () => import('./place_words.de.js')};
export const placeWords = () => bring(own);

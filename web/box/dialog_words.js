// Most dialogs are seldom opened: their words are loaded with them.
import {bring} from '/common/words.js';
import {words} from './dialog_words.en.js';

const own = {en: async () => ({words}), de: () => import('./dialog_words.de.js')};
export const dialogWords = () => bring(own);

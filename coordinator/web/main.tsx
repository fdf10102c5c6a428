/** The page begins here. */

import { render } from 'preact';
import { comeBack } from './session.ts';
import { App } from './view/app.tsx';

const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no #app');
root.replaceChildren();
render(<App />, root);
void comeBack();

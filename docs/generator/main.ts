/** npm run docs: writes the reference pages from the tables that the code runs on. A test keeps the pages equal to them. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PAGES } from './pages.ts';

for (const [name, render] of Object.entries(PAGES)) {
  writeFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), render());
  console.log(`docs/${name}`);
}

/** One pair: what it is like now, what needs attention, what was measured, what happened, and what can be done. */

import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { inLanguage, withoutGrade } from '../model/in-language.ts';
import { pictureOf } from '../model/picture.ts';
import { renderPlace } from '../model/route.ts';
import { live } from '../session.ts';
import { language, messages } from '../settings.ts';
import { Attention } from './attention.tsx';
import { Deeds } from './deeds.tsx';
import { Grade } from './grade.tsx';
import { Hosts } from './hosts.tsx';
import { KeyFigures } from './key-figures.tsx';
import { Outages } from './outages.tsx';
import { PairEvents } from './pair-events.tsx';
import { PairJobs } from './pair-jobs.tsx';
import { Picture } from './picture.tsx';
import { Plots } from './plots.tsx';

export function PairPage({ name }: { readonly name: string }) {
  const { pair: words } = messages.value;
  const { detail, pairs } = live.value;
  if (detail?.name === name) return <Content pair={detail} />;
  const known = pairs.length === 0 || pairs.some((pair) => pair.name === name);
  return <p class="empty">{known ? words.loading(name) : words.missing(name)}</p>;
}

function Content({ pair }: { readonly pair: PairDetail }) {
  const { pair: words, header } = messages.value;
  const { headline } = inLanguage(pair, language.value);
  return (
    <>
      <div class="heading">
        <p class="crumbs beside">
          <a href={renderPlace({ at: 'pairs' })}>{header.pairs}</a>
          <a href={renderPlace({ at: 'runs', pair: pair.name })}>{words.runs}</a>
          <a href={renderPlace({ at: 'config', pair: pair.name })}>{words.config}</a>
        </p>
        <h1>{pair.name}</h1>
        <Grade grade={pair.grade} />
        <Deeds pair={pair} />
        <p class="headline verdict" role="status" title={headline}>
          {withoutGrade(headline, pair.name)}
        </p>
      </div>
      <KeyFigures pair={pair} />
      <div class="now">
        <section class="panel picture-panel" aria-label={words.picture}>
          <Picture picture={pictureOf(pair)} />
        </section>
        <Attention pair={pair} />
      </div>
      <Hosts pair={pair} />
      <Plots pair={pair.name} />
      <div class="history">
        <Outages pair={pair} />
        <PairJobs pair={pair.name} />
      </div>
      <PairEvents pair={pair.name} />
    </>
  );
}

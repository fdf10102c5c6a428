/** The head of the pages beside a pair's own: the way back, and its name. */

import type { ComponentChildren } from 'preact';
import { renderPlace } from '../model/route.ts';
import { messages } from '../settings.ts';

interface Props {
  readonly pair: string;
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function PairHead({ pair, title, children }: Props) {
  return (
    <>
      <p class="crumbs">
        <a href={renderPlace({ at: 'pairs' })}>{messages.value.header.pairs}</a> /{' '}
        <a href={renderPlace({ at: 'pair', pair })}>{pair}</a>
      </p>
      <div class="heading">
        <h1>{title}</h1>
        {children}
      </div>
    </>
  );
}

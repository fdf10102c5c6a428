/**
 * The confirmation of a command: what will happen, what this page sees, what a dry run by the daemon says; then, and only
 * then, the button that does it, and its progress.
 */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import type { Deed } from '../model/checks.ts';
import { session } from '../session.ts';
import { messages } from '../settings.ts';
import { DeedFields } from './deed-fields.tsx';
import { DeedPlan, performWords } from './deed-plan.tsx';
import { JobProgressList } from './job-progress.tsx';
import { useJob } from './use-job.ts';

interface Props {
  readonly pair: PairDetail;
  readonly initial: Deed;
  readonly onClose: () => void;
}

export function DeedDialog({ pair, initial, onClose }: Props) {
  const { deeds: words } = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const [deed, setDeed] = useState(initial);
  const [doing, setDoing] = useState(false);
  const { followed, begin } = useJob(pair.name);
  // The pair as it was when it was asked for: the plan must not change below the button.
  const [asked] = useState(pair);
  const key = JSON.stringify(deed);
  useEffect(() => {
    dialog.current?.showModal();
    begin(deed, true);
  }, [key]);
  const { job } = followed;
  const ready = !doing && job?.state === 'succeeded' && job.dryRun;
  const perform = (): void => {
    setDoing(true);
    begin(deed, false);
  };
  return (
    <dialog ref={dialog} aria-labelledby="deed" onClose={onClose}>
      <h2 id="deed">{words.headings[deed.command](pair.name)}</h2>
      {!doing && <DeedFields deed={deed} change={setDeed} />}
      <DeedPlan deed={deed} pair={doing ? asked : pair} checks={!doing} />
      <JobProgressList followed={followed} doing={doing} />
      <footer>
        {doing && job?.state === 'running' && (
          <button
            type="button"
            onClick={() => void session.value?.client.cancel(job.id).catch(() => undefined)}
          >
            {words.stop}
          </button>
        )}
        {!doing && (
          <button type="button" disabled={job?.state === 'running'} onClick={() => begin(deed, true)}>
            {words.again}
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          {doing ? messages.value.close : words.cancel}
        </button>
        {!doing && (
          <button type="button" class="primary" disabled={!ready} onClick={perform}>
            {performWords(deed, asked, words)}
          </button>
        )}
      </footer>
    </dialog>
  );
}

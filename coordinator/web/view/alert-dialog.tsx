/** The confirmation before an alert is taken on: what that means, and the button that does it. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlertView } from '../../../shared/api/alerts.ts';
import { inLanguage } from '../model/in-language.ts';
import { session } from '../session.ts';
import { language, messages } from '../settings.ts';

interface Props {
  readonly alert: AlertView;
  readonly onTaken: () => void;
  readonly onClose: () => void;
}

export function AlertDialog({ alert, onTaken, onClose }: Props) {
  const { alerts: words, deeds } = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const take = async (): Promise<void> => {
    setBusy(true);
    try {
      await session.peek()?.client.acknowledge(alert.id);
      dialog.current?.close();
      onTaken();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="take" onClose={onClose}>
      <h2 id="take">{words.heading}</h2>
      <p>{inLanguage(alert, language.value).title}</p>
      <h3>{deeds.plan}</h3>
      <ul class="plan">
        {words.plan.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {refusal !== null && (
        <p class="outcome outcome-bad" role="alert" lang="en">
          {refusal}
        </p>
      )}
      <footer>
        <button type="button" onClick={() => dialog.current?.close()}>
          {deeds.cancel}
        </button>
        <button type="button" class="primary" disabled={busy} onClick={() => void take()}>
          {words.take}
        </button>
      </footer>
    </dialog>
  );
}

/** Signing in with a token. It goes into a header, never into an address. */

import { useState } from 'preact/hooks';
import { Refusal } from '../api/client.ts';
import { refusal, signIn } from '../session.ts';
import { messages } from '../settings.ts';
import { Preferences } from './preferences.tsx';

export function Login() {
  const { login, title } = messages.value;
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const field = new FormData(event.currentTarget as HTMLFormElement).get('token');
    setBusy(true);
    refusal.value = null;
    try {
      await signIn(String(field ?? '').trim());
    } catch (error) {
      const refused = error instanceof Refusal && error.status === 401;
      refusal.value = refused ? login.wrong : error instanceof Refusal ? error.message : login.unreachable;
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form aria-label={login.heading} onSubmit={(event) => void submit(event)}>
        <h1>
          <img src="/console/icon.svg" alt="" width="32" height="32" />
          {title}
        </h1>
        <label for="token">{login.token}</label>
        <input
          {...{
            id: 'token',
            name: 'token',
            type: 'password',
            autocomplete: 'off',
            required: true,
            maxLength: 200,
          }}
          aria-describedby="token-hint"
        />
        <p id="token-hint" class="hint">
          {login.hint} <code>coordinator token create</code>. {login.kept}
        </p>
        <p class="refusal" role="alert">
          {refusal.value}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? login.busy : login.submit}
        </button>
      </form>
      <Preferences />
    </main>
  );
}

// Owns the screen for a browser that has no token, or one that was refused.

import { useState } from 'react';
import { keepToken } from '../client/token.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { t } from '../strings/texts.ts';

/** Says how the page is opened, and takes a token. */
export function Gate({ refused }: { refused: boolean }) {
  const [pasted, setPasted] = useState('');
  const enter = (): void => {
    if (pasted.trim() === '') return;
    keepToken(pasted);
    location.reload();
  };
  return (
    <main className="gate">
      <div>
        <h1>{t.gate.title}</h1>
        <p>{t.gate.about}</p>
        {refused && (
          <p className="refused" role="alert">
            <Icon name="warn" />
            {t.gate.refused}
          </p>
        )}
        <p className="muted">{t.gate.how}</p>
        <pre>
          <code>{t.gate.command}</code>
        </pre>
        <div className="enter">
          <TextField label={t.gate.field} value={pasted} onChange={setPasted} onEnter={enter} secret autoFocus />
          <Button look="primary" onPress={enter} isDisabled={pasted.trim() === ''}>
            {t.gate.enter}
          </Button>
        </div>
      </div>
    </main>
  );
}

// Owns the secrets that a person gives the app: they go in, and are never shown again.

import { useCallback, useEffect, useState } from 'react';
import type { ApiParams, ApiResult } from '../../contract/api.ts';
import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { toAppError } from '../../contract/errors.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/field.tsx';
import { explain, t } from '../strings/texts.ts';
import { Section } from './settings-section.tsx';

type Account = ApiResult<'savePodSecrets'>['account'];
type Secret = keyof ApiParams<'savePodSecrets'>;

/** The keys of the services that the app can use, and whether they outlive it. */
export function Keys() {
  const { client } = useApp();
  const [account, setAccount] = useState<Account | null>(null);
  const [kept, setKept] = useState(true);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  const refuse = useCallback((thrown: unknown) => setRefusal(explain(toAppError(thrown).report())), []);
  useEffect(() => {
    client.call('listPods', {}).then(({ summary }) => setAccount(summary.account), refuse);
    void client.desktop?.secretsKept().then(setKept, refuse);
  }, [client, refuse]);
  const save = async (secret: Secret, value: string | null): Promise<void> => {
    try {
      const { account: next } = await client.call('savePodSecrets', { [secret]: value });
      setAccount(next);
      setRefusal(null);
    } catch (thrown) {
      refuse(thrown);
    }
  };
  return (
    <Section title={t.secrets.title} about={kept ? t.secrets.about : t.secrets.aboutForgotten}>
      <SecretField
        label={t.secrets.runpod}
        about={t.secrets.runpodAbout}
        saved={account?.apiKeySaved === true}
        onSave={(value) => void save('apiKey', value)}
      />
      <SecretField
        label={t.secrets.huggingFace}
        about={t.secrets.huggingFaceAbout}
        saved={account?.hfTokenSaved === true}
        onSave={(value) => void save('hfToken', value)}
      />
      {(refusal ?? (account?.error == null ? null : explain(account.error))) !== null && (
        <p className="refused" role="alert">
          {inWords(refusal ?? (account?.error == null ? null : explain(account.error)))}
        </p>
      )}
    </Section>
  );
}

function inWords(advice: ErrorAdvice | null): string {
  return advice === null ? '' : `${advice.what} ${advice.lost} ${advice.todo}`;
}

interface SecretFieldProps {
  readonly label: string;
  readonly about: string;
  readonly saved: boolean;
  readonly onSave: (value: string | null) => void;
}

function SecretField({ label, about, saved, onSave }: SecretFieldProps) {
  const [value, setValue] = useState('');
  const save = (): void => {
    if (value.trim() === '') return;
    onSave(value.trim());
    setValue('');
  };
  return (
    <div className="secret">
      <TextField
        label={label}
        value={value}
        onChange={setValue}
        secret
        hint={saved ? t.secrets.saved : ''}
        about={about}
        onEnter={save}
      />
      <Button isDisabled={value.trim() === ''} aria-label={t.secrets.saveNamed(label)} onPress={save}>
        {t.actions.save}
      </Button>
      {saved && (
        <Button look="quiet" aria-label={t.secrets.removeNamed(label)} onPress={() => onSave(null)}>
          {t.actions.remove}
        </Button>
      )}
    </div>
  );
}

// Owns the map of keys: all of them with what they do. Those of the transcript can be changed.

import { useState } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ACTIONS, type Action, type Keymap, pressName, shownPress, takenBy, USUAL_KEYS } from '../state/keymap.ts';
import { keepTranscriptPreferences } from '../state/transcript-preferences.ts';
import { t } from '../strings/texts.ts';
import { useMac } from './use-mac.ts';

/** Opens on `?` and from the app's menu, on every screen. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { tools } = useApp();
  const keymap = useAppState((state) => state.editor.keymap);
  const mac = useMac();
  const [asked, setAsked] = useState<Action | null>(null);
  const [taken, setTaken] = useState<Action | null>(null);
  const keep = (changed: Keymap): void => {
    tools.editor.patch({ keymap: changed });
    const own = ACTIONS.filter((action) => changed[action].join() !== USUAL_KEYS[action].join());
    keepTranscriptPreferences({ keys: Object.fromEntries(own.map((action) => [action, changed[action]])) });
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (asked === null) return;
    const name = pressName(event.nativeEvent, mac);
    if (name === null) return;
    event.preventDefault();
    event.stopPropagation();
    const [other] = takenBy(keymap, name, asked);
    setTaken(name === 'Escape' ? null : (other ?? null));
    if (name !== 'Escape' && other !== undefined) return;
    if (name !== 'Escape') keep({ ...keymap, [asked]: [name] });
    setAsked(null);
  };
  return (
    <Dialog
      title={t.keys.title}
      onClose={onClose}
      footer={
        <>
          <Button look="quiet" onPress={() => keep(USUAL_KEYS)}>
            {t.keys.usual}
          </Button>
          <span className="grow" />
          <Button look="primary" onPress={onClose} autoFocus>
            {t.actions.close}
          </Button>
        </>
      }
    >
      <div className="keylists">
        <h3>{t.keys.everywhere}</h3>
        <Fixed
          keys={[
            [shownPress('Mod+k', mac, t.keys.space), t.find.field],
            [`${shownPress('Mod+1', mac, t.keys.space)} … 5`, t.keys.screens],
            ['?', t.keys.title],
          ]}
        />
        <h3>{t.screens.queue}</h3>
        <Fixed
          keys={[
            ['↑ ↓', t.keys.rows],
            ['⏎', t.actions.open],
            [t.keys.space, t.keys.unfold],
            [`${shownPress('Alt+ArrowUp', mac, t.keys.space)} ↓`, t.keys.move],
            ['P', t.keys.pause],
            ['R', t.actions.retry],
            ['⌫', t.actions.removeAsk],
            ['/', t.queue.search],
          ]}
        />
        <h3>{t.text.title}</h3>
        <p className="muted">{asked === null ? t.keys.about : t.keys.press}</p>
        {taken !== null && <p className="bad">{t.keys.taken(t.keys.actions[taken])}</p>}
        <dl className="keymap" onKeyDownCapture={onKey}>
          {ACTIONS.map((action) => (
            <div key={action}>
              <dt>{t.keys.actions[action]}</dt>
              <dd>
                <Button
                  small
                  look={asked === action ? 'primary' : 'quiet'}
                  onPress={() => {
                    setTaken(null);
                    setAsked(action);
                  }}
                >
                  {/* Before what is seen of it, so that its name begins with what it is for. */}
                  <span className="said">{t.keys.change(t.keys.actions[action])} </span>
                  {asked === action
                    ? '…'
                    : keymap[action].map((each) => <kbd key={each}>{shownPress(each, mac, t.keys.space)}</kbd>)}
                </Button>
              </dd>
            </div>
          ))}
        </dl>
        <Fixed
          keys={[
            ['1–8', t.keys.speakers],
            ['⏎', t.keys.keep],
            ['Esc', t.keys.leave],
          ]}
        />
      </div>
    </Dialog>
  );
}

/** Keys that are what they are. */
function Fixed({ keys }: { keys: readonly (readonly [keys: string, text: string])[] }) {
  return (
    <dl className="keymap">
      {keys.map(([press, text]) => (
        <div key={press}>
          <dt>{text}</dt>
          <dd className="fixed">
            <kbd>{press}</kbd>
          </dd>
        </div>
      ))}
    </dl>
  );
}

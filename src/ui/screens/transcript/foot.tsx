// Owns the line at the foot: the keys that are used most, as they are set.

import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { type Action, shownPress } from '../../state/keymap.ts';
import { t } from '../../strings/texts.ts';
import { useMac } from '../use-mac.ts';

const SHOWN: readonly Action[] = ['play', 'nextDoubt', 'edit', 'split', 'markRight'];

/** Draws keys with what they do. */
export function TranscriptFoot() {
  const { store } = useApp();
  const keymap = useAppState((state) => state.editor.keymap);
  const mac = useMac();
  return (
    <div className="foot keysfoot">
      <div className="hints">
        {SHOWN.map((action) => (
          <span key={action} className="hint">
            <kbd>{shownPress(keymap[action][0] ?? '', mac, t.keys.space)}</kbd>
            {t.keys.actions[action]}
          </span>
        ))}
        <span className="hint">
          <kbd>1–8</kbd>
          {t.keys.speakers}
        </span>
      </div>
      <Button small look="quiet" onPress={() => store.setState({ dialog: { kind: 'keys' } })}>
        <kbd>{shownPress(keymap.keys[0] ?? '', mac, t.keys.space)}</kbd> {t.keys.actions.keys}
      </Button>
    </div>
  );
}

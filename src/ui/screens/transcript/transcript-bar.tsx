// Owns the bar above the text: how it is shown, undo, what is doubtful, find, export.

import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { useApp, useAppState } from '../../app-context.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { EDITOR_MODES } from '../../state/editor-slice.ts';
import { t } from '../../strings/texts.ts';
import { useCues } from './use-cues.ts';

/** One line at the top of the panel. */
export function TranscriptBar({ jobId: _ }: { jobId: string }) {
  const { tools } = useApp();
  const mode = useAppState((state) => state.editor.mode);
  return (
    <div className="bar tbar">
      <ToggleButtonGroup
        className="seg"
        aria-label={t.transcript.view}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[mode]}
        onSelectionChange={(keys) => tools.editor.patch({ mode: EDITOR_MODES.find((each) => keys.has(each)) ?? mode })}
      >
        {EDITOR_MODES.map((each) => (
          <ToggleButton key={each} id={each}>
            {t.transcript.modes[each]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <History />
      <span className="grow" />
      <Doubts />
      <Button look="quiet" icon="search" aria-label={t.transcript.find} onPress={() => tools.editor.find(false)}>
        <span className="x">{t.transcript.find}</span>
      </Button>
      <SideButton />
      <Button look="primary" onPress={() => tools.editor.patch({ sheet: 'export' })}>
        {t.transcript.exportOpen}
      </Button>
    </div>
  );
}

function History() {
  const { tools } = useApp();
  const done = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.done.length : 0));
  const undone = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.undone.length : 0));
  const saving = useAppState(({ transcript }) => transcript.kind === 'open' && transcript.saving > 0);
  return (
    <>
      <IconButton
        icon="undo"
        name={t.transcript.undo}
        small={false}
        isDisabled={done === 0}
        onPress={() => void tools.session.undo()}
      />
      <IconButton
        icon="redo"
        name={t.transcript.redo}
        small={false}
        isDisabled={undone === 0}
        onPress={() => void tools.session.redo()}
      />
      <span className="faint x kept cut">{saving ? t.transcript.saving : t.transcript.saved(done)}</span>
    </>
  );
}

function Doubts() {
  const { tools } = useApp();
  const doubts = useAppState(tools.reading.doubts);
  const at = useAppState(({ editor }) =>
    doubts.findIndex(({ key, word }) => key === editor.current && word === editor.word),
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span className="doubts" role="group" aria-label={t.transcript.doubtful}>
      <span className="muted">{t.transcript.doubtful}</span>
      <span className="stepper">
        <IconButton
          icon="left"
          name={t.transcript.previous}
          isDisabled={doubts.length === 0}
          onPress={() => tools.editor.doubt(-1)}
        />
        <output>{doubts.length === 0 ? t.transcript.doubtNone : t.transcript.doubtOf(at + 1, doubts.length)}</output>
        <IconButton
          icon="right"
          name={t.transcript.next}
          isDisabled={doubts.length === 0}
          onPress={() => tools.editor.doubt(1)}
        />
      </span>
    </span>
  );
}

/** Only where the panel does not stand beside the text. */
function SideButton() {
  const { tools } = useApp();
  const open = useAppState((state) => state.editor.sideOpen);
  const { broken } = useCues();
  return (
    <span className="only-s">
      <Button icon="sidebar" aria-expanded={open} onPress={() => tools.editor.patch({ sideOpen: !open })}>
        <span className="y">{t.transcript.sideOpen}</span>
        {broken.length > 0 && <span className="bad">{broken.length}</span>}
      </Button>
    </span>
  );
}

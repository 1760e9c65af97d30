// Owns the field in which a line is written, in its place and in its type. It grows with the text.

import { useLayoutEffect, useRef } from 'react';
import { useApp, useAppState } from '../../app-context.ts';
import { t } from '../../strings/texts.ts';

/** The draft of the open line. Enter keeps it, Esc gives it up, leaving the field keeps it too. */
export function LineEditor({ time }: { time: string }) {
  const { tools } = useApp();
  const draft = useAppState((state) => state.editor.draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const caret = draft?.caret ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is put where the line was opened, and never again.
  useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true });
    field.current?.setSelectionRange(caret, caret);
  }, []);
  if (draft === null) return null;
  const { editor } = tools;
  const leave = (next: () => unknown): void => {
    const list = field.current?.closest<HTMLElement>('.turns');
    // First what becomes of the draft: a field that loses the keyboard keeps it.
    next();
    list?.focus({ preventScroll: true });
  };
  return (
    <div className="writing" data-text={draft.text}>
      <textarea
        ref={field}
        rows={1}
        data-draft
        aria-label={t.transcript.editLine(time)}
        value={draft.text}
        spellCheck
        onChange={({ target }) => editor.draft(target.value.replace(/\n/g, ' '), target.selectionStart)}
        onSelect={({ currentTarget }) => {
          if (currentTarget.selectionStart !== draft.caret) editor.draft(draft.text, currentTarget.selectionStart);
        }}
        onBlur={() => void editor.keepDraft()}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter' && !event.metaKey && !event.ctrlKey) {
            event.preventDefault();
            leave(() => editor.keepDraft());
          } else if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            leave(() => editor.dropDraft());
          }
        }}
      />
    </div>
  );
}

// Owns the modal dialog and the sheet that comes in from the right. Escape and a press outside close both.

import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { t } from '../strings/texts.ts';
import { IconButton } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
  readonly footer: React.ReactNode;
  /** `alert`: something is lost if it is answered without reading. */
  readonly role?: 'dialog' | 'alertdialog';
}

/** A short question in the middle. Where something is lost by it, the focus begins at what loses nothing. */
export function Dialog({ title, onClose, children, footer, role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(open) => !open && onClose()} className="scrim middle">
      <Modal className="dialog">
        <AriaDialog role={role} className="in">
          <Heading slot="title">{title}</Heading>
          {children}
          <footer>{footer}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** A form at the right edge. */
export function Sheet({ title, onClose, children, footer }: DialogProps) {
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(open) => !open && onClose()} className="scrim right">
      <Modal className="sheet">
        <AriaDialog className="in">
          <header>
            <Heading slot="title">{title}</Heading>
            <IconButton icon="close" name={t.actions.close} onPress={onClose} />
          </header>
          <div className="body">{children}</div>
          <footer>{footer}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

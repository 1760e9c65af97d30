// Owns the buttons: plain, primary (one a view), quiet, link, and the square one that is an icon with a name.

import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from 'react-aria-components';
import { Icon, type IconName } from './icon.tsx';

/** What the app's buttons take beyond those of the library. */
export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  readonly look?: 'plain' | 'primary' | 'quiet' | 'link';
  readonly small?: boolean;
  readonly icon?: IconName;
}

/** A button with a word. */
export function Button({ look = 'plain', small = false, icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`btn ${look}${small ? ' small' : ''}`}>
      {(state) => (
        <>
          {icon !== undefined && <Icon name={icon} />}
          {typeof children === 'function' ? children({ ...state, defaultChildren: null }) : children}
        </>
      )}
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'aria-label'> {
  readonly icon: IconName;
  readonly name: string;
  /** False where there is one in every row, and what it does is known from the first. */
  readonly hint?: boolean;
}

/** A button that shows only an icon; its name is its tooltip. */
export function IconButton({ icon, name, hint = true, look = 'quiet', small = true, ...rest }: IconButtonProps) {
  const button = (
    <AriaButton {...rest} aria-label={name} className={`btn ${look} square${small ? ' small' : ''}`}>
      <Icon name={icon} />
    </AriaButton>
  );
  return hint ? <Tip text={name}>{button}</Tip> : button;
}

/** Says more about a control on hover and on focus. */
export function Tip({ text, children }: { text: string; children: React.ReactNode }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <Tooltip className="tip" offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

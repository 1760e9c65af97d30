// Owns what stands beside the text: subtitles, speakers, about the transcript. Under 1000 px it lies over the text when it is asked for.

import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useApp, useAppState } from '../../app-context.ts';
import { IconButton } from '../../components/button.tsx';
import { SIDE_TABS } from '../../state/editor-slice.ts';
import { t } from '../../strings/texts.ts';
import { AboutPanel } from './about-panel.tsx';
import { SpeakersPanel } from './speakers-panel.tsx';
import { SubtitlesPanel } from './subtitles-panel.tsx';

/** Three tabs. */
export function SidePanel() {
  const { tools } = useApp();
  const tab = useAppState((state) => state.editor.side);
  const open = useAppState((state) => state.editor.sideOpen);
  return (
    <aside className={open ? 'side open' : 'side'} aria-label={t.side.label}>
      <Tabs
        className="tabbed"
        selectedKey={tab}
        onSelectionChange={(key) => tools.editor.patch({ side: SIDE_TABS.find((each) => each === key) ?? tab })}
      >
        <div className="tabhead">
          <TabList className="tabs" aria-label={t.side.label}>
            {SIDE_TABS.map((each) => (
              <Tab key={each} id={each} className="tab">
                {t.side.tabs[each]}
              </Tab>
            ))}
          </TabList>
          <span className="only-s">
            <IconButton icon="close" name={t.side.close} onPress={() => tools.editor.patch({ sideOpen: false })} />
          </span>
        </div>
        <TabPanel id="subtitles" className="tabpanel">
          <SubtitlesPanel />
        </TabPanel>
        <TabPanel id="speakers" className="tabpanel">
          <SpeakersPanel />
        </TabPanel>
        <TabPanel id="about" className="tabpanel">
          <AboutPanel />
        </TabPanel>
      </Tabs>
    </aside>
  );
}

// Owns every German word of the interface, under the keys of the English catalogue.

import { recordings } from './de-counts.ts';
import { advice } from './de-errors.ts';
import { dePods } from './de-pods.ts';
import { deQueue } from './de-queue.ts';
import { deSearch } from './de-search.ts';
import { deSettings } from './de-settings.ts';
import { deTranscript } from './de-transcript.ts';
import { deWorkers } from './de-workers.ts';
import type { Texts } from './texts.ts';

export const de: Texts = {
  locale: 'de',
  of: (part, whole) => `${part} von ${whole}`,
  advice,
  quoted: (what, words) => `${what} „${words}“`,
  ...dePods,
  ...deQueue,
  ...deSearch,
  ...deSettings,
  ...deWorkers,
  ...deTranscript,
  app: 'Bulk Transcribe',
  screens: {
    queue: 'Warteschlange',
    search: 'Suche',
    workers: 'Worker',
    spending: 'Ausgaben',
    settings: 'Einstellungen',
  },
  rail: {
    label: 'Hauptmenü',
    differs: 'Ein Worker läuft mit einem anderen Build als erwartet',
    trouble: 'Ein Worker braucht dich',
  },
  formats: {
    srt: 'SRT',
    vtt: 'VTT',
    txt: 'TXT',
    md: 'Markdown',
    docx: 'DOCX',
    tsv: 'TSV',
    csv: 'CSV',
    json: 'JSON',
    whisperx: 'WhisperX JSON',
    podcast: 'Podcasting 2.0 JSON',
    audacity: 'Audacity-Marken',
    rttm: 'RTTM',
  },
  actions: {
    adopt: 'Übernehmen',
    adoptReported: 'Gemeldete übernehmen',
    pasteExpected: 'Erwartete einfügen…',
    details: 'Einzelheiten',
    dismiss: 'Weglegen',
    addRecordings: 'Hinzufügen',
    addFolder: 'Ordner hinzufügen',
    chooseFiles: 'Dateien wählen…',
    chooseFolder: 'Ordner wählen…',
    open: 'Text öffnen',
    cancel: 'Abbrechen',
    retry: 'Erneut versuchen',
    pause: 'Anhalten',
    resume: 'Weiter',
    history: 'Was daraus wurde…',
    moveFirst: 'Zuerst',
    moveLast: 'Zuletzt',
    moveUp: 'Hinauf',
    moveDown: 'Hinunter',
    edit: 'Ändern…',
    remove: 'Entfernen',
    removeAsk: 'Entfernen…',
    showFile: 'Datei zeigen',
    close: 'Schließen',
    copy: 'Text kopieren',
    copied: 'Kopiert',
    exportAs: 'Ausgeben',
    otherFormats: 'Andere Formate',
    addWorker: 'Mit Adresse hinzufügen…',
    test: 'Prüfen',
    save: 'Sichern',
    options: 'Optionen…',
    more: 'Mehr',
    keep: 'Behalten',
    stopUpload: 'Anhalten',
  },
  title: {
    summary: (left, sound) =>
      left === 0 ? 'Nichts mehr zu tun' : `noch ${left.toLocaleString('de')}${sound === null ? '' : `, ${sound} Ton`}`,
    doneAbout: (time) => `, fertig gegen ${time}`,
    paused: 'Angehalten: ',
  },
  connection: {
    lost: 'Die Maschine antwortet nicht.',
    lostMore:
      'Nichts ging verloren: Die Warteschlange liegt auf der Platte. Diese Seite verbindet sich von selbst wieder.',
    reload: 'Seite neu laden',
    connecting: 'Verbindung zur Maschine…',
  },
  gate: {
    title: 'Öffne Bulk Transcribe unter seiner eigenen Adresse',
    about:
      'Diese Seite braucht das Token der Maschine, die auf diesem Computer läuft. Es bleibt in diesem Tab und wird nirgends gezeigt.',
    how: 'Im Terminal öffnet der Befehl darunter diese Seite mit ihrem Token. Läuft sie schon, dann füg die Adresse ein, die sie genannt hat, oder den Inhalt der Datei api-token in ihrem Datenordner.',
    command: 'bulk-transcribe serve',
    field: 'Token oder Adresse',
    enter: 'Öffnen',
    refused: 'Die Maschine lehnt dieses Token ab. Vielleicht wurde sie mit einem anderen Datenordner neu gestartet.',
  },
  text: {
    title: 'Text',
    segments: 'Abschnitte',
    loading: 'Der Text wird geöffnet…',
    facts: ({ segments, language, model }) =>
      `${segments.toLocaleString('de')} ${segments === 1 ? 'Abschnitt' : 'Abschnitte'}, ${language}, ${model}`,
    speakers: (count) => `${count} Sprecher`,
    madeBy: (worker) => `von ${worker}`,
    warnings: (count) => `${count} ${count === 1 ? 'Stelle' : 'Stellen'} zu prüfen`,
    empty: 'In der Aufnahme wird nicht gesprochen.',
    live: 'Entsteht gerade; der fertige Text kann noch abweichen.',
    unnamed: (speaker) => {
      const number = /^SPEAKER_(\d+)$/.exec(speaker)?.[1];
      return number === undefined ? speaker : `Sprecher ${Number(number) + 1}`;
    },
  },
  removeJob: {
    title: (name) => `${name} aus der Liste entfernen?`,
    about: 'Die Aufnahme und schon geschriebene Dateien bleiben, wo sie sind.',
    aboutText: 'Der Text in der App geht. Die Aufnahme und schon geschriebene Dateien bleiben, wo sie sind.',
  },
  refused: {
    title: (count) => `${recordings(count)} ließen sich nicht hinzufügen`,
    restQueued: 'Der Rest ist in der Warteschlange.',
  },
  errors: {
    noAnswer: 'Die Maschine antwortet nicht.',
    strangeAnswer:
      'Die Maschine hat eine Antwort gegeben, die diese Seite nicht versteht. Lade die Seite neu: Sie ist vielleicht von einer anderen Version.',
    httpStatus: (status) => `Die Maschine hat mit dem Status ${status} geantwortet.`,
    uploadBroke: 'Die Aufnahme ist nicht in der App angekommen.',
    noUploadHere: 'Aufnahmen werden hier mit ihrem Pfad genannt, nicht hochgeladen.',
    engineRestarted: {
      what: 'Die Maschine endete unerwartet und wurde neu gestartet.',
      lost: 'Nichts ging verloren: Die Warteschlange geht weiter, wo sie war.',
      todo: 'Kommt es wieder, schick einen Bericht (Menü Hilfe).',
    },
    pageRestarted: {
      what: 'Das Fenster endete unerwartet und wurde neu gezeichnet.',
      lost: 'Nichts ging verloren: Die Warteschlange lief dahinter weiter.',
      todo: 'Kommt es wieder, schick einen Bericht (Menü Hilfe).',
    },
  },
  count: { recordings },
};

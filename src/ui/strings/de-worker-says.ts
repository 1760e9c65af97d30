// Owns the German words for what a worker says, under the keys of the English ones.

import type { WORKER_SAYS } from '../../contract/sentences/said-by-workers.ts';

export const deWorkerSays: Readonly<Record<keyof typeof WORKER_SAYS, string>> = {
  channels_mixed:
    'Die Kanäle sollten einzeln transkribiert werden, aber sie enthalten dasselbe, oder es gibt nur einen; darum geschah es nicht.',
  audio_damaged: 'Der Ton hier ließ sich nicht dekodieren; was danach kommt, behält seine Zeit.',
  audio_gap: 'Die Aufnahme enthält hier keinen Ton; er gilt als Stille.',
  audio_gaps: 'Die Aufnahme enthält an {count} weiteren Stellen keinen Ton, zusammen {seconds} s.',
  audio_missing: 'Die Aufnahme sagt, sie sei {seconds} s länger als das, was die Datei enthält: Ihr Ende fehlt.',
  speakers_unavailable: 'Sprecher wurden nicht unterschieden: {reason}',
  speakers_none: 'Sprecher sollten unterschieden werden, und es ließ sich keiner erkennen.',
  loop: 'Der Text wiederholt {phrase} {count}-mal: vermutlich eine Schleife des Modells.',
  over_silence: 'Hier steht Text, aber es war kaum Sprache zu erkennen.',
  speech_without_text: 'Etwa {seconds} s erkannter Sprache haben keinen Text.',
  too_fast: '{letters} Buchstaben in {secondsNumber} s: schneller, als irgendwer spricht.',
  again_second:
    '{reason}, darum wurde dies mit anderen Einstellungen noch einmal dekodiert: Der zweite Text gilt; der erste war {text}.',
  again_first:
    '{reason}, darum wurde dies mit anderen Einstellungen noch einmal dekodiert: Besser wurde es nicht, darum gilt der erste Text; der zweite war {text}.',
  why_loop: 'Das Modell war hier in einer Schleife gefangen',
  why_gap: 'Erkannte Sprache hatte hier keinen Text',
  why_fast: 'Der Text hier war schneller, als irgendwer spricht',
  why_silence: 'Hier stand Text, aber es war kaum Sprache zu erkennen',

  speakers_finding_out: 'Ob sich Sprecher unterscheiden lassen, wird gerade festgestellt.',
  speakers_not_installed:
    'Was Sprecher unterscheidet, ist auf diesem Worker nicht installiert. Auf deinem eigenen Computer: bulk-transcribe worker install --diarization.',
  speakers_token_missing:
    'HF_TOKEN ist nicht gesetzt, und ohne es lässt sich {model} nicht holen. Nimm auf seiner Seite beim Modellverzeichnis die Bedingungen an, mach dort ein Token, und setz HF_TOKEN am Worker; oder lass DIARIZATION_MODEL auf einen Ordner zeigen, der eine Pipeline enthält.',
  speakers_failed: 'Die Sprecher ließen sich nicht unterscheiden: {reason}',
  speakers_no_memory: 'Der Speicher reicht nicht, um die Sprecher zu unterscheiden.',
  speakers_ended: 'Der Prozess, der Sprecher unterscheidet, hat geendet: {reason}.',

  worker_disk_full: 'Die Platte des Workers ist voll.',
  decoder_crashed: 'Der Dekoder ist an dieser Datei abgestürzt.',
  decoder_stuck: 'Der Dekoder kam mit dieser Datei nicht voran.',
  decoder_late: 'Diese Datei zu dekodieren dauert zu lange.',
  decoder_memory: 'Die Datei zu dekodieren braucht zu viel Speicher.',
  file_empty: 'Die Datei ist leer.',
  file_other: 'Angekommen ist eine andere Datei als angekündigt (SHA-256 weicht ab).',
  file_larger: 'Die Datei ist größer, als dieser Worker annimmt ({bytes} Byte).',
  fetch_failed: 'Die Aufnahme ließ sich nicht holen: {reason}.',
  fetch_status: 'Der Server antwortete mit {status}.',
  delivery_refused: 'Die App hat das Transkript abgelehnt ({code}): {reason}',
  device_memory: 'Beim Transkribieren ging dem Gerät der Speicher aus.',
  engine_failed: 'Die Engine ist gescheitert: {reason}',
  model_disk_full: 'Das Modell {model} ließ sich nicht holen: Die Platte des Workers ist voll.',
  model_no_access: 'Das Modellverzeichnis verweigert das Modell {model}: HF_TOKEN fehlt oder hat keinen Zugang dazu.',
  model_unknown: 'Das Modellverzeichnis hat kein Modell {model}, das dieser Worker lesen darf.',
  model_offline:
    'Das Modell {model} ist nicht auf diesem Worker, und das Modellverzeichnis ist nicht erreichbar. Prüfe die Internetverbindung des Workers, oder leg das Modell in seinen Modellordner.',
  model_memory: 'Das Modell {model} passt nicht in den Speicher.',
  model_broken: 'Das Modell {model} ließ sich nicht laden: {reason}',
  worker_restarted: 'Der Worker wurde neu gestartet, bevor der Auftrag fertig war.',
};

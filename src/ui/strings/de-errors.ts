// Owns the German sentences of every error: what happened, whether anything was lost, what to do.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import type { ErrorCode } from '../../contract/errors.ts';

const NOTHING = 'Nichts ging verloren.';
const QUEUED = 'Nichts ging verloren: Die Aufnahme bleibt in der Warteschlange.';
const UNTOUCHED = 'Die Aufnahme selbst wurde nicht angerührt.';

export const advice: Record<ErrorCode, ErrorAdvice> = {
  REMOTE_WORKER_UNREACHABLE: {
    what: 'Der Worker antwortet nicht.',
    lost: QUEUED,
    todo: 'Prüfe, ob der Pod läuft und die Adresse mit dem richtigen Port endet. Es wird von selbst wieder versucht.',
  },
  REMOTE_WORKER_UNAUTHORIZED: {
    what: 'Der Worker lehnt das Token ab.',
    lost: QUEUED,
    todo: 'Mach WORKER_TOKEN am Worker und das Token hier gleich, ohne Leerzeichen drumherum, und lass den Worker unter Worker noch einmal prüfen.',
  },
  REMOTE_WORKER_TIMEOUT: {
    what: 'Der Worker wurde in der erlaubten Zeit nicht fertig.',
    lost: QUEUED,
    todo: 'Versuch es erneut, oder erhöhe REMOTE_WORKER_TIMEOUT_SECONDS für sehr lange Aufnahmen.',
  },
  REMOTE_WORKER_CAPACITY: {
    what: 'Alle Worker sind belegt.',
    lost: QUEUED,
    todo: 'Nichts zu tun: Sie nimmt den nächsten freien Platz.',
  },
  REMOTE_DISPATCH_FAILED: {
    what: 'Der Worker hat den Auftrag nicht angenommen.',
    lost: QUEUED,
    todo: 'Lies die Meldung, berichtige die Optionen und versuch es erneut.',
  },
  REMOTE_JOB_NOT_FOUND: {
    what: 'Der Worker kennt den Auftrag nicht mehr; vermutlich wurde er neu gestartet.',
    lost: QUEUED,
    todo: 'Nichts zu tun: Er wird von selbst wieder geschickt, einige Male.',
  },
  REMOTE_FAILED: {
    what: 'Der Worker meldet einen Fehler.',
    lost: UNTOUCHED,
    todo: 'Lies die Meldung und versuch es erneut.',
  },
  WORKER_PROTOCOL: {
    what: 'Die Antwort des Workers ergibt keinen Sinn.',
    lost: QUEUED,
    todo: 'Prüfe, ob an der Adresse ein Worker von Bulk Transcribe antwortet und kein Proxy an seiner Stelle.',
  },
  WORKER_DISK_FULL: {
    what: 'Die Platte des Workers ist voll.',
    lost: QUEUED,
    todo: 'Gib dem Worker mehr Platz. Es wird von selbst wieder versucht.',
  },
  WORKER_INSTALL_FAILED: {
    what: 'Der Worker für diesen Computer konnte nicht eingerichtet werden.',
    lost: QUEUED,
    todo: 'Lies die letzten Zeilen der Meldung; nötig sind Python 3.10 oder neuer und eine Verbindung zum Paketverzeichnis.',
  },
  WORKER_START_FAILED: {
    what: 'Der Worker auf diesem Computer ist nicht gestartet.',
    lost: QUEUED,
    todo: 'Führe „bulk-transcribe worker install“ aus und sieh in worker.log im Datenordner nach.',
  },
  UNSUPPORTED_MODEL: {
    what: 'Der Worker hat dieses Modell nicht.',
    lost: NOTHING,
    todo: 'Wähle eines der Modelle, die die Meldung nennt.',
  },
  UNSUPPORTED_LANGUAGE: {
    what: 'Das Modell kennt diese Sprache nicht.',
    lost: NOTHING,
    todo: 'Wähle eine andere Sprache oder ein mehrsprachiges Modell.',
  },
  UNSUPPORTED_OPTION: {
    what: 'Der Worker kann nicht, was verlangt wurde.',
    lost: NOTHING,
    todo: 'Schalte die genannte Option aus, oder nimm einen Worker, der es kann.',
  },
  USER_CANCELED: { what: 'Von dir abgebrochen.', lost: UNTOUCHED, todo: 'Versuch es erneut, wann du willst.' },
  SOURCE_MISSING: {
    what: 'Die Aufnahme ist nicht, wo sie war.',
    lost: QUEUED,
    todo: 'Schließ das Laufwerk an oder leg die Datei zurück, und versuch es erneut.',
  },
  NOT_THE_RECORDING: {
    what: 'Diese Datei ist nicht dieselbe Aufnahme.',
    lost: 'Nichts wurde geändert.',
    todo: 'Wähle die ursprüngliche Datei: Ihr Inhalt muss derselbe sein, heißen darf sie anders.',
  },
  SOURCE_UNREADABLE: {
    what: 'Die Aufnahme darf nicht gelesen werden.',
    lost: UNTOUCHED,
    todo: 'Gib deinem Benutzer das Recht, die Datei zu lesen, und versuch es erneut.',
  },
  SOURCE_CHANGED: {
    what: 'Die Aufnahme hat sich geändert, während sie gesendet wurde.',
    lost: UNTOUCHED,
    todo: 'Versuch es erneut, um die Datei zu nehmen, wie sie jetzt ist.',
  },
  EMPTY_FILE: {
    what: 'Die Datei ist leer (0 Byte).',
    lost: 'Nichts wurde gesendet.',
    todo: 'Prüfe die Kopie der Aufnahme: Das Original liegt vielleicht anderswo.',
  },
  NOT_A_RECORDING: {
    what: 'Die Datei ist keine Aufnahme, die gelesen werden kann.',
    lost: UNTOUCHED,
    todo: 'Prüfe, ob sie in einem Abspieler läuft; wenn ja, wandle sie um.',
  },
  NO_AUDIO: { what: 'Die Datei enthält keinen Ton.', lost: UNTOUCHED, todo: 'Prüfe, ob es die richtige Datei ist.' },
  TOO_LARGE: {
    what: 'Die Datei ist größer, als der Worker annimmt.',
    lost: UNTOUCHED,
    todo: 'Erhöhe WORKER_MAX_FILE_MB am Worker, oder teile die Aufnahme.',
  },
  TRANSFER_FAILED: {
    what: 'Die Aufnahme hat den Worker nicht erreicht.',
    lost: UNTOUCHED,
    todo: 'Prüfe das Netz und versuch es erneut; was ganz ankam, wird nicht noch einmal gesendet.',
  },
  TRANSCRIPT_INVALID: {
    what: 'Der Worker hat ein Transkript geschickt, das keines ist.',
    lost: UNTOUCHED,
    todo: 'Versuch es erneut; kommt es wieder, bring den Worker auf den neuesten Stand.',
  },
  DELIVERY_FAILED: {
    what: 'Das fertige Transkript hat diesen Computer nicht erreicht.',
    lost: 'Der Worker bewahrt es auf.',
    todo: 'Prüfe das Netz und versuch es erneut.',
  },
  MODEL_LOAD_FAILED: {
    what: 'Der Worker konnte das Modell nicht laden.',
    lost: QUEUED,
    todo: 'Prüfe Netz und Platte des Workers und den Namen des Modells, und versuch es erneut.',
  },
  OUT_OF_MEMORY: {
    what: 'Dem Worker ging der Speicher aus.',
    lost: UNTOUCHED,
    todo: 'Nimm eine GPU mit mehr Speicher oder ein kleineres Modell, und versuch es erneut.',
  },
  ENGINE_FAILED: {
    what: 'Das Transkribieren ist gescheitert.',
    lost: UNTOUCHED,
    todo: 'Versuch es erneut; das Protokoll des Workers sagt mehr.',
  },
  POISONED: {
    what: 'Der Worker ist zweimal an dieser Aufnahme gestorben, darum wurde sie beiseitegelegt.',
    lost: 'Alle anderen Aufnahmen gehen weiter.',
    todo: 'Prüfe, ob die Datei sich abspielen lässt, und versuch es von Hand erneut.',
  },
  EXPORT_FAILED: {
    what: 'Eine Datei konnte nicht geschrieben werden.',
    lost: 'Das Transkript ist in der App.',
    todo: 'Schaff Platz oder mach den Ordner beschreibbar, und versuch es erneut; oder öffne das Transkript und exportiere es in einen anderen Ordner. Nichts wird noch einmal transkribiert.',
  },
  DISK_FULL: {
    what: 'Die Platte dieses Computers ist voll.',
    lost: 'Was fertig ist, bleibt.',
    todo: 'Schaff Platz und versuch es erneut.',
  },
  BAD_REQUEST: {
    what: 'Diese Anfrage versteht die App nicht.',
    lost: NOTHING,
    todo: 'Berichtige sie und schick sie noch einmal.',
  },
  NOT_FOUND: {
    what: 'Das gibt es hier nicht.',
    lost: NOTHING,
    todo: 'Prüfe den Namen, oder ob es inzwischen entfernt wurde.',
  },
  CONFLICT: {
    what: 'Das geht in diesem Zustand nicht.',
    lost: NOTHING,
    todo: 'Sieh nach, wie es jetzt ist: Vielleicht ist es schon geschehen oder geht gleich.',
  },
  UNAUTHORIZED: {
    what: 'Das Token fehlt oder ist falsch.',
    lost: NOTHING,
    todo: 'Nimm das Token aus der Datei api-token im Datenordner.',
  },
  FORBIDDEN: {
    what: 'Diese Anfrage darf nicht von dort kommen.',
    lost: NOTHING,
    todo: 'Nimm die Adresse, die die App genannt hat.',
  },
  ENGINE_RUNNING: {
    what: 'In diesem Datenordner arbeitet schon ein Bulk Transcribe.',
    lost: NOTHING,
    todo: 'Nimm das, das läuft, oder wähle einen anderen Datenordner.',
  },
  DATABASE_NEWER: {
    what: 'Die Datenbank stammt von einer neueren Version der App.',
    lost: 'Es wurde nichts in sie geschrieben.',
    todo: 'Installiere die neuere Version.',
  },
  DATABASE_DAMAGED: {
    what: 'Die Datenbank kann nicht gelesen werden.',
    lost: 'Sie blieb, wie sie ist; geschriebene Transkripte sind unberührt.',
    todo: 'Bewahre eine Kopie des Datenordners auf und fang mit einem neuen an.',
  },
  INTERNAL: {
    what: 'Die App hat einen Fehler gemacht.',
    lost: 'Die Warteschlange liegt auf der Platte und ist heil.',
    todo: 'Versuch es erneut; kommt es wieder, melde die Nachricht.',
  },
  DIARIZATION_FAILED: {
    what: 'Die Sprecher ließen sich nicht unterscheiden.',
    lost: UNTOUCHED,
    todo: 'Lies die Meldung und versuch es erneut; ohne Sprecher lässt sich die Aufnahme transkribieren.',
  },
  NO_SUCH_TRACK: {
    what: 'Die Aufnahme hat keine Tonspur mit dieser Nummer.',
    lost: 'Nichts wurde gesendet.',
    todo: 'Wähle eine der Spuren, die die Meldung nennt, und füg sie noch einmal hinzu.',
  },
  SOURCE_ENCRYPTED: {
    what: 'Die Aufnahme ist kopiergeschützt (DRM); nur ihr eigener Abspieler kann sie öffnen.',
    lost: 'Nichts wurde gesendet.',
    todo: 'Besorg dir dort, wo sie herkommt, eine Kopie ohne Schutz.',
  },
  SOURCE_TRUNCATED: {
    what: 'Die Datei ist abgeschnitten: Der Teil, der sagt, wo ihr Ton liegt, fehlt.',
    lost: 'Nichts wurde gesendet.',
    todo: 'Kopiere sie noch einmal von dort, wo sie entstand, oder repariere sie mit dem Programm, das sie gemacht hat.',
  },
  PODS_CONFLICT: {
    what: 'RunPod kann das mit dem Pod, wie er jetzt ist, nicht tun.',
    lost: NOTHING,
    todo: 'Warte, bis er gestartet oder angehalten ist, und versuch es erneut.',
  },
  PODS_FORBIDDEN: {
    what: 'Der API-Schlüssel darf das nicht.',
    lost: NOTHING,
    todo: 'Gib dem Schlüssel das Recht, Pods zu lesen und zu schreiben, oder nimm einen, der es hat.',
  },
  PODS_GONE: {
    what: 'RunPod hat diesen Pod nicht mehr.',
    lost: QUEUED,
    todo: 'Starte einen neuen. Sieh auf den Seiten von RunPod nach dem Guthaben: Bei null beendet es Pods.',
  },
  PODS_KEY_REFUSED: {
    what: 'RunPod kennt den API-Schlüssel nicht mehr.',
    lost: 'Nichts ging verloren. Laufende Pods arbeiten und kosten weiter; sie enden von selbst, wenn niemand nach ihnen fragt.',
    todo: 'Gib einen neuen Schlüssel ein. Bis dahin lässt sich ein Pod nur auf den Seiten von RunPod beenden.',
  },
  PODS_NO_BALANCE: {
    what: 'Das Guthaben bei RunPod ist zu klein.',
    lost: QUEUED,
    todo: 'Lade auf den Seiten von RunPod Guthaben für mindestens eine Stunde auf, und starte erneut. Bei null beendet RunPod laufende Pods.',
  },
  PODS_NO_CAPACITY: {
    what: 'RunPod hat von diesen GPUs jetzt keine frei.',
    lost: QUEUED,
    todo: 'Wähle andere GPUs oder die andere Cloud, oder versuch es in einigen Minuten erneut.',
  },
  PODS_NO_IMAGE: {
    what: 'Es wurde kein Abbild für den Worker gewählt.',
    lost: NOTHING,
    todo: 'Bau eines und lade es hoch (docs/gpu-worker-runpod.md, Schritt 1), und füg die Ausgabe von push_worker.sh in die Einstellungen ein.',
  },
  PODS_NO_KEY: {
    what: 'Es wurde kein API-Schlüssel von RunPod eingegeben.',
    lost: NOTHING,
    todo: 'Mach auf den Seiten von RunPod unter Settings, API Keys einen mit dem Recht auf Pods, und gib ihn hier ein.',
  },
  PODS_PROTOCOL: {
    what: 'RunPod hat eine Antwort gegeben, die diese Version nicht versteht.',
    lost: 'Nichts ging verloren. Laufende Pods arbeiten und kosten weiter.',
    todo: 'Sieh auf den Seiten von RunPod nach den Pods, und bring die App auf den neuesten Stand.',
  },
  PODS_RATE_LIMITED: {
    what: 'RunPod wurde zu oft gefragt.',
    lost: NOTHING,
    todo: 'Nichts zu tun: Es wird wieder gefragt, sobald RunPod es erlaubt.',
  },
  PODS_REQUEST_WRONG: {
    what: 'RunPod nimmt die Anfrage so nicht an.',
    lost: NOTHING,
    todo: 'Lies, was RunPod sagt, und berichtige Abbild, Platte, CUDA-Version oder Rechenzentren in den Einstellungen.',
  },
  PODS_UNCONFIRMED: {
    what: 'RunPod hat den Start nie bestätigt, und es gibt keinen solchen Pod.',
    lost: QUEUED,
    todo: 'Starte erneut. Taucht der Pod später auf, wird er gezeigt, und er endet von selbst, wenn niemand nach ihm fragt.',
  },
  PODS_UNREACHABLE: {
    what: 'RunPod antwortet nicht.',
    lost: 'Nichts ging verloren. Laufende Pods arbeiten und kosten weiter.',
    todo: 'Prüfe das Netz. Es wird von selbst wieder gefragt; was RunPod inzwischen machte, wird am Namen gefunden.',
  },
  POD_BOOT_TIMEOUT: {
    what: 'Der Worker hat nicht rechtzeitig geantwortet, darum wurde der Pod beendet.',
    lost: QUEUED,
    todo: 'Lies Ursache und Protokoll, und starte erneut; ein großes Abbild braucht beim ersten Start vielleicht mehr Minuten.',
  },
  POD_CAP_REACHED: {
    what: 'Die Grenze der Ausgaben ist erreicht.',
    lost: QUEUED,
    todo: 'Heb die Grenze an, oder mach morgen weiter.',
  },
  POD_EXITED: {
    what: 'Der Pod hat sich selbst beendet.',
    lost: QUEUED,
    todo: 'Sieh in sein Protokoll. Starte ihn wieder, oder beende ihn.',
  },
  POD_NO_GPU: {
    what: 'Der Pod hat keine GPU.',
    lost: QUEUED,
    todo: 'Seine Maschine wurde vermietet, während er angehalten war. Beende ihn und starte einen neuen.',
  },
};

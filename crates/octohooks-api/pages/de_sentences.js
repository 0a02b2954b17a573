/**
 * German for what the engine says, as it stands in the sources of Rust, in their order: problems of a hook, what became of
 * deliveries, refusals. Fragments that are put into places of others stand behind them.
 */

const compose = {
  "@{name} is neither a variable nor a key of the OAuth answer; nothing was put in.":
    "@{name} ist weder eine Variable noch ein Schlüssel der OAuth-Antwort; es wurde nichts eingesetzt.",
  "The receiver did not take it for message {name} ({status}).": "Der Empfänger hat es für Nachricht {name} nicht angenommen ({status}).",
  "It was sent as a new message.": "Es wurde als neue Nachricht gesendet.",
  "Sent as a new message at once.": "Sofort als neue Nachricht gesendet.",
  "It went to message {} of this print.": "Es ging an Nachricht {} dieses Drucks.",
  "It is message {}, where the rest of this print goes.": "Es ist Nachricht {}, an die auch der Rest dieses Drucks geht.",
  "The answer does not name the message, so the next one is a new one as well.":
    "Die Antwort nennt die Nachricht nicht, also ist auch die nächste eine neue.",
  "The answer to this test does not name the message there: every message would be a new one.":
    "Die Antwort auf diesen Test nennt die Nachricht dort nicht: Jede Nachricht wäre eine neue.",
  "The message said so already.": "Die Nachricht sagte das schon.",
  "Write where in its answer the receiver names the message, beginning with a slash: /id.":
    "Schreibe, wo in seiner Antwort der Empfänger die Nachricht nennt, mit einem Schrägstrich am Anfang: /id.",
  "What follows has to go to the same server: copy scheme and host of the URL.":
    "Was folgt, muss an denselben Server gehen: kopiere Schema und Host der URL.",
  "@messageId stands neither in this address nor in its data: the receiver cannot know which message is meant.":
    "@messageId steht weder in dieser Adresse noch in ihren Daten: der Empfänger kann nicht wissen, welche Nachricht gemeint ist.",
  "The receiver refused the picture ({name}).": "Der Empfänger hat das Bild abgelehnt ({name}).",
  "It was sent again without it.": "Es wurde ohne das Bild noch einmal gesendet.",
  "Sent again without it at once.": "Sofort noch einmal ohne das Bild gesendet.",
  "The camera gave none.": "Die Kamera hat keines geliefert.",
  "It went without the picture. {reason}": "Es wurde ohne das Bild gesendet. {reason}",
  "It went with the thumbnail in place of the camera's picture. {reason}":
    "Es wurde mit dem Vorschaubild anstelle des Kamerabildes gesendet. {reason}",
  "{sent} of {all} pictures went along: there is no room for more.": "{sent} von {all} Bildern gingen mit: Für mehr ist kein Platz.",
  "The light was not switched on. {reason}": "Das Licht wurde nicht eingeschaltet. {reason}",
  "The light was not switched off. {reason}": "Das Licht wurde nicht ausgeschaltet. {reason}",
  "Its address answered {}.": "Seine Adresse antwortete {}.",
  "The addresses that switch a light did not come with the file: enter them again if you want them.":
    "Die Adressen, die ein Licht schalten, kamen nicht mit der Datei: Gib sie neu ein, wenn du sie willst.",
  "A picture cannot be the name of its file: write @file.base or @topic in place of @{name}.":
    "Ein Bild kann nicht der Name seiner Datei sein: schreib @file.base oder @topic statt @{name}.",
  "{wrong} cannot stand in the name of a file: _ goes in its place.": "{wrong} kann nicht im Namen einer Datei stehen: _ kommt an seine Stelle.",
  "No file goes with this webhook that could have a name. Add \"@snapshot\" to the data.":
    "Mit diesem Webhook geht keine Datei, die einen Namen haben könnte. Setz \"@snapshot\" in die Daten.",
  "No more than {MOST_LINES} lines of G-code.": "Nicht mehr als {MOST_LINES} Zeilen G-Code.",
  "No more than {LONGEST_WAIT} seconds: the message waits with the picture.":
    "Nicht mehr als {LONGEST_WAIT} Sekunden: Die Nachricht wartet mit dem Bild.",
  "The G-code around the picture did not come with the file: enter it again if you want it.":
    "Der G-Code um das Bild ist nicht mit der Datei gekommen: Trage ihn neu ein, wenn du ihn willst.",
  "The file has no thumbnail in it; the slicer has to write one.": "In der Datei ist kein Vorschaubild; der Slicer muss eines hineinschreiben.",
  "The file's thumbnails are QOI, which is not supported: choose PNG in the slicer.":
    "Die Vorschaubilder der Datei sind QOI, was nicht unterstützt wird: Wähle im Slicer PNG.",
  "The file is binary G-code, of which thumbnails cannot be read.": "Die Datei ist binärer G-Code, aus dem sich Vorschaubilder nicht lesen lassen."
};

const details = {
  "Without a rule no temperature is told. Write one: bed below 40.": "Ohne Regel wird keine Temperatur gemeldet. Schreibe eine: bed below 40.",
  "Without a pattern no line is told. Write one: filament (runout|jam).": "Ohne Muster wird keine Zeile gemeldet. Schreibe eines: filament (runout|jam).",
  "No more than {MOST_RULES} rules.": "Nicht mehr als {MOST_RULES} Regeln.",
  "\"{heater}\" is no heater. Write tool0, bed, chamber, or any.": "\"{heater}\" ist kein Heizer. Schreibe tool0, bed, chamber oder any.",
  "A number is missing: {example}.": "Es fehlt eine Zahl: {example}.",
  "\"{unit}\" is no unit of time: write 10 (minutes), 90 s, or 2 h.": "\"{unit}\" ist keine Zeiteinheit: schreibe 10 (Minuten), 90 s oder 2 h.",
  "That is longer than a day.": "Das ist länger als ein Tag.",
  "{degrees} °C is hotter than any heater.": "{degrees} °C ist heißer als jeder Heizer.",
  "Write a heater and reached, below 40, or held 10: \"bed below 40\".": "Schreibe einen Heizer und reached, below 40 oder held 10: \"bed below 40\".",
  "\"{word}\" is no number above 0. Write numbers with commas between them: 1, 5, 20.":
    "\"{word}\" ist keine Zahl über 0. Schreibe Zahlen mit Kommas dazwischen: 1, 5, 20.",
  "No more than {MOST_PLACES} numbers.": "Nicht mehr als {MOST_PLACES} Zahlen.",
  "No more than {MOST_PATTERNS} patterns.": "Nicht mehr als {MOST_PATTERNS} Muster.",
  "It matches every line.": "Es passt auf jede Zeile.",
  "It is too large: use fewer or smaller repetitions.": "Es ist zu groß: nimm weniger oder kleinere Wiederholungen.",
  "This is no regular expression: {}.": "Das ist kein regulärer Ausdruck: {}."
};

const etiquette = {
  "The receiver asked not to be sent this again ({}, webhook-delivery: {named}).":
    "Der Empfänger hat darum gebeten, das nicht noch einmal zu bekommen ({}, webhook-delivery: {named}).",
  "Its answer is too long to see whether it says so.": "Seine Antwort ist zu lang, um zu sehen, ob sie das sagt.",
  "The receiver asks to slow down: {name}.": "Der Empfänger bittet, langsamer zu senden: {name}.",
  "The receiver asks to come later: {name}.": "Der Empfänger bittet, später wiederzukommen: {name}.",
  "The receiver says that this address is gone for good: {name}.": "Der Empfänger sagt, dass es diese Adresse nicht mehr gibt: {name}.",
  "The receiver did not accept the OAuth token: {name}.": "Der Empfänger hat das OAuth-Token nicht angenommen: {name}.",
  "The receiver refused it ({name}), perhaps because the clock of this machine was wrong.":
    "Der Empfänger hat es abgelehnt ({name}), vielleicht weil die Uhr dieses Rechners falsch ging.",
  "The receiver asks for it again: {name}.": "Der Empfänger möchte es noch einmal: {name}.",
  "The network wants somebody to log in first: {name}.": "Das Netzwerk verlangt zuerst eine Anmeldung: {name}.",
  "The receiver has a problem: {name}.": "Der Empfänger hat ein Problem: {name}.",
  "The receiver answered with something that is no answer: {name}.": "Der Empfänger hat mit etwas geantwortet, das keine Antwort ist: {name}.",
  "The receiver refused it: {name}. Check the credentials.": "Der Empfänger hat es abgelehnt: {name}. Prüfe die Zugangsdaten.",
  "Nothing is there: {name}. Check the URL.": "Dort ist nichts: {name}. Prüfe die URL.",
  "The receiver does not take this method: {name}. Check the method and the URL.":
    "Der Empfänger nimmt diese Methode nicht an: {name}. Prüfe Methode und URL.",
  "It is too large for the receiver: {name}. Send a smaller picture or none.":
    "Es ist zu groß für den Empfänger: {name}. Sende ein kleineres Bild oder keines.",
  "The receiver does not take this kind of data: {name}. Check the content type.":
    "Der Empfänger nimmt diese Art von Daten nicht an: {name}. Prüfe, wie die Daten gesendet werden.",
  "The receiver did not accept it: {name}. Check the data.": "Der Empfänger hat es nicht angenommen: {name}. Prüfe die Daten.",
  "The receiver answered {name}, but without the sign of success that this webhook looks for. Its answer says why.":
    "Der Empfänger hat mit {name} geantwortet, aber ohne das Zeichen des Erfolgs, auf das dieser Webhook achtet. Seine Antwort sagt, warum."
};

const oldSettings = {
  "The old settings held {what} in place of a list of hooks.": "Die alten Einstellungen enthielten {what} statt einer Liste von Webhooks.",
  "The old settings held {what} where a hook was expected.{kept} The hook is switched off; fill it in or delete it.":
    "Die alten Einstellungen enthielten {what}, wo ein Webhook erwartet wurde.{kept} Der Webhook ist ausgeschaltet; fülle ihn aus oder lösche ihn.",
  " The text stands as the URL now.": " Der Text steht jetzt als URL da.",
  "The interval was {interval}; {percent} was taken instead.": "Der Abstand war {interval}; stattdessen gilt {percent}.",
  "The interval was 0, which 4.4.0 could not work with; 50 was taken instead.":
    "Der Abstand war 0, womit 4.4.0 nichts anfangen konnte; stattdessen gilt 50.",
  "The interval was {interval}, beyond 99; 99 was taken instead.{and_off}": "Der Abstand war {interval}, mehr als 99; stattdessen gilt 99.{and_off}",
  " With the old interval no progress was ever sent, so Print Progress is switched off.":
    " Mit dem alten Abstand wurde nie Fortschritt gesendet, deshalb ist der Druckfortschritt ausgeschaltet.",
  "The old setting {key} is not known and was left out.": "Die alte Einstellung {key} ist nicht bekannt und wurde weggelassen.",
  "{more} more old settings are not known and were left out.": "{more} weitere alte Einstellungen sind nicht bekannt und wurden weggelassen.",
  "The old settings held {what} in place of a list of custom events; it was taken for one custom event.":
    "Die alten Einstellungen enthielten {what} statt einer Liste eigener Ereignisse; es wurde als ein eigenes Ereignis genommen.",
  "There was more than a name and a message; the rest was left out.": "Es gab mehr als einen Namen und eine Nachricht; der Rest wurde weggelassen.",
  "The old settings held {what} in place of a name and a message.{taken}":
    "Die alten Einstellungen enthielten {what} statt eines Namens und einer Nachricht.{taken}",
  " It was taken for the name of the event.": " Es wurde als Name des Ereignisses genommen.",
  "This custom event has no name, so nothing is sent for it. Write the name of an event or remove the entry.":
    "Dieses eigene Ereignis hat keinen Namen, deshalb wird dafür nichts gesendet. Trage den Namen eines Ereignisses ein oder entferne den Eintrag.",
  "This was {} and not a text; it is a text now.": "Das war {} und kein Text; jetzt ist es ein Text.",
  "This was {} and not a JSON text; it is JSON text now.": "Das war {} und kein JSON-Text; jetzt ist es JSON-Text.",
  "This was the text {}; it was taken for off.": "Das war der Text {}; er wurde als „aus“ genommen.",
  "This was {}, neither on nor off; {taken} was taken instead.": "Das war {}, weder an noch aus; stattdessen gilt {taken}.",
  "This was {}; {number} was taken instead.": "Das war {}; stattdessen gilt {number}.",
  "This was {}, which is not a whole number; {default} was taken instead.": "Das war {}, keine ganze Zahl; stattdessen gilt {default}.",
  "This was {seconds}; {taken} was taken instead.": "Das war {seconds}; stattdessen gilt {taken}.",
  "This was {}, which cannot be used here; {default} was taken instead.": "Das war {}, was hier nicht geht; stattdessen gilt {default}.",
  "This was empty (null); {taken} was taken instead.": "Das war leer (null); stattdessen gilt {taken}.",
  "the default text": "der übliche Text",
  "nothing (null)": "nichts (null)",
  "the value {value}": "den Wert {value}",
  "the number {number}": "die Zahl {number}",
  "a number": "eine Zahl",
  "a text": "ein Text",
  "a list": "eine Liste",
  "a mapping": "eine Zuordnung"
};

const waiting = {
  "Not sent: the same event was sent a short while ago, and this hook's cooldown lasts another {} s.":
    "Nicht gesendet: Dasselbe Ereignis wurde vor Kurzem gesendet, und die Pause dieses Webhooks dauert noch {} s.",
  "Not sent: the print was cancelled, not failed. Tick Print Cancelled to be told of that.":
    "Nicht gesendet: Der Druck wurde abgebrochen, er ist nicht fehlgeschlagen. Kreuze „Druck abgebrochen“ an, um davon zu hören.",
  "{what} {where_to}. Webhooks wait, and are sent when it works again.": "{what} {where_to}. Webhooks warten und werden gesendet, wenn es wieder geht.",
  "This machine has no way": "Dieser Rechner hat keinen Weg",
  "This machine can look up no names on the way": "Dieser Rechner kann keine Namen nachschlagen auf dem Weg",
  "Nothing can be reached on the way": "Nichts ist zu erreichen auf dem Weg",
  "into the home network": "ins Heimnetz",
  "into the internet": "ins Internet",
  "The {which} can be reached again, after {}. Sending what waited.": "Wieder erreichbar: {which}, nach {}. Was gewartet hat, wird gesendet.",
  "home network": "das Heimnetz",
  "internet": "das Internet",
  "Waiting {until}: the receiver asked for it ({source}, {length}).": "Wartet {until}: Der Empfänger hat darum gebeten ({source}, {length}).",
  "Waiting {until}: {because}.": "Wartet {until}: {because}.",
  "Waiting for one delivery that finds out whether it works again: {failures}.":
    "Wartet auf eine Zustellung, die herausfindet, ob es wieder geht: {failures}.",
  "About to be tried again: {failures}.": "Wird gleich noch einmal versucht: {failures}.",
  "Sending one after another what has piled up.": "Was sich angesammelt hat, wird nacheinander gesendet.",
  "the network of this machine is down": "das Netzwerk dieses Rechners ist ausgefallen",
  "the last attempt failed": "der letzte Versuch ist gescheitert",
  "the last {failures} attempts failed": "die letzten {failures} Versuche sind gescheitert",
  "the receiver asked to slow down": "der Empfänger bat, langsamer zu senden",
  "until {time}": "bis {time}",
  "until {date} {time}": "bis {date} {time}",
  "for another {}": "noch {}",
  "{} days": "{} Tage",
  "{} late": "{} verspätet",
  "Not sent: newer news of the same took its place while it waited.": "Nicht gesendet: Neueres von demselben hat seinen Platz eingenommen, während es wartete.",
  "Not sent by itself: the same event already waits, and says how often it happened.":
    "Nicht einzeln gesendet: Dasselbe Ereignis wartet schon und sagt, wie oft es geschah.",
  "Given up: it did not arrive within {}, and is too late to matter.": "Aufgegeben: Es kam innerhalb von {} nicht an und ist jetzt zu spät.",
  "Given up: more waits for this receiver than there is room for ({most} deliveries).":
    "Aufgegeben: Für diesen Empfänger wartet mehr, als Platz ist ({most} Zustellungen).",
  "Given up: the webhook was deleted.": "Aufgegeben: Der Webhook wurde gelöscht.",
  "Dropped by a user before it was sent.": "Von einem Benutzer verworfen, bevor es gesendet wurde.",
  "The webhook \"{name}\" is not sent any more: {why}. Check its settings; it is tried again once a day.":
    "Der Webhook „{name}“ wird nicht mehr gesendet: {why}. Prüfe seine Einstellungen; einmal am Tag wird er noch einmal versucht.",
  "The webhook \"{name}\" is not sent any more: {why}. It is tried again once a day.":
    "Der Webhook „{name}“ wird nicht mehr gesendet: {why}. Einmal am Tag wird er noch einmal versucht.",
  "The webhook \"{name}\" works again, after {}. It is sent as before.": "Der Webhook „{name}“ geht wieder, nach {}. Er wird gesendet wie zuvor.",
  "The webhook \"{name}\" is paused.": "Der Webhook „{name}“ ist angehalten.",
  "The webhook \"{name}\" is resumed, after {}.": "Der Webhook „{name}“ läuft weiter, nach {}.",
  "Waiting: the webhook is paused.": "Wartet: Der Webhook ist angehalten.",
  "Waiting {until}, for the daily try: {}.": "Wartet {until} auf den täglichen Versuch: {}.",
  "About to be tried again: {}.": "Wird gleich noch einmal versucht: {}.",
  "the receiver refused several events in a row, the last with {}": "der Empfänger hat mehrere Ereignisse nacheinander abgelehnt, das letzte mit {}",
  "several events in a row could not be sent as it is set up": "mehrere Ereignisse nacheinander konnten nicht gesendet werden, wie er eingerichtet ist",
  "the receiver says that its address is gone for good (410)": "der Empfänger sagt, dass es seine Adresse nicht mehr gibt (410)",
  "the receiver asked for it (webhook-delivery: disable)": "der Empfänger hat darum gebeten (webhook-delivery: disable)",
  "the receiver has not answered for {}": "der Empfänger hat seit {} nicht geantwortet"
};

const signing = {
  "More than {MOST_KEYS} keys at once make the header too long. Remove old ones.":
    "Mehr als {MOST_KEYS} Schlüssel auf einmal machen den Header zu lang. Entferne alte.",
  "{name:?} cannot be a header's name. Use letters, digits, and dashes.":
    "{name} kann kein Name eines Headers sein. Benutze Buchstaben, Ziffern und Bindestriche.",
  "{name} has another use. Most receivers read X-Hub-Signature-256.": "{name} hat einen anderen Zweck. Die meisten Empfänger lesen X-Hub-Signature-256.",
  "{name} needs the secret that the receiver checks it with.": "{name} braucht das Geheimnis, mit dem der Empfänger prüft.",
  "This key is empty. Enter one, or remove it.": "Dieser Schlüssel ist leer. Trage einen ein oder entferne ihn.",
  "A signing key begins with whsec_ (HMAC-SHA256) or whsk_ (Ed25519).": "Ein Signaturschlüssel beginnt mit whsec_ (HMAC-SHA256) oder whsk_ (Ed25519).",
  "This is a public key, which belongs to the receiver. The key that signs begins with whsk_.":
    "Das ist ein öffentlicher Schlüssel, der zum Empfänger gehört. Der Schlüssel, der signiert, beginnt mit whsk_.",
  "What follows {0} is not base64. Was all of the key copied?": "Was auf {0} folgt, ist kein Base64. Wurde der ganze Schlüssel kopiert?",
  "A whsec_ key holds 24 to 64 bytes, and this one {0}. Was all of it copied?":
    "Ein whsec_-Schlüssel hat 24 bis 64 Bytes, dieser hat {0}. Wurde er ganz kopiert?",
  "A whsk_ key holds 64 bytes, and this one {0}. Was all of it copied?": "Ein whsk_-Schlüssel hat 64 Bytes, dieser hat {0}. Wurde er ganz kopiert?",
  "The two halves of this whsk_ key do not belong together. Was it changed?":
    "Die beiden Hälften dieses whsk_-Schlüssels gehören nicht zusammen. Wurde er verändert?"
};

const certificates = {
  "A client certificate needs its private key.": "Ein Client-Zertifikat braucht seinen privaten Schlüssel.",
  "A private key needs its client certificate.": "Ein privater Schlüssel braucht sein Client-Zertifikat.",
  "This certificate is damaged. Was all of it copied?": "Dieses Zertifikat ist beschädigt. Wurde es ganz kopiert?",
  "A private key stands here. Only certificates belong into this field.": "Hier steht ein privater Schlüssel. In dieses Feld gehören nur Zertifikate.",
  "This is no certificate but a {}.": "Das ist kein Zertifikat, sondern: {}.",
  "This is not a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----.":
    "Das ist kein Zertifikat in PEM; so eines beginnt mit -----BEGIN CERTIFICATE-----.",
  "This kind of private key is not known. RSA, EC, and Ed25519 in PKCS #8 are.":
    "Diese Art von privatem Schlüssel ist nicht bekannt. Bekannt sind RSA, EC und Ed25519 in PKCS #8.",
  "This private key is damaged. Was all of it copied?": "Dieser private Schlüssel ist beschädigt. Wurde er ganz kopiert?",
  "This is a second private key; there can be only one.": "Das ist ein zweiter privater Schlüssel; es kann nur einen geben.",
  "This is not a private key in PEM, which begins with -----BEGIN PRIVATE KEY-----.":
    "Das ist kein privater Schlüssel in PEM; so einer beginnt mit -----BEGIN PRIVATE KEY-----.",
  "A fingerprint of a certificate is its SHA-256: 64 hexadecimal digits, with or without colons, or 44 characters of base64. Several are separated by commas.":
    "Der Fingerabdruck eines Zertifikats ist sein SHA-256: 64 hexadezimale Ziffern, mit oder ohne Doppelpunkte, oder 44 Zeichen Base64. Mehrere werden durch Kommas getrennt.",
  "This private key has a password, which nobody could enter here. `openssl pkey` writes one without.":
    "Dieser private Schlüssel hat ein Passwort, das hier niemand eingeben könnte. `openssl pkey` schreibt einen ohne.",
  "The block that begins here has no line -----END {label}-----.": "Dem Block, der hier beginnt, fehlt die Zeile -----END {label}-----.",
  "Expected here is -----END {label}-----.": "Hier müsste -----END {label}----- stehen.",
  "This line is not base64, as all lines between BEGIN and END are.": "Diese Zeile ist kein Base64, wie alle Zeilen zwischen BEGIN und END es sind.",
  "What the block that begins here holds is not base64. Was all of it copied?":
    "Was der Block enthält, der hier beginnt, ist kein Base64. Wurde er ganz kopiert?"
};

const checks = {
  "@apiSecret is used, but no API secret is set.": "@apiSecret wird benutzt, aber es ist kein API-Geheimnis gesetzt.",
  "GET cannot carry a picture: the key with @snapshot is left out.": "GET kann kein Bild mitnehmen: Der Schlüssel mit @snapshot fällt weg.",
  "{origin} is not encrypted. Use https:// if the server has it.": "{origin} ist nicht verschlüsselt. Benutze https://, wenn der Server es kann.",
  "It never takes a picture, so this is always what is sent. Add \"@snapshot\" to the data.":
    "Es gibt nie ein Bild, also wird immer dies gesendet. Füge den Daten \"@snapshot\" hinzu.",
  "There is a name behind @ in it that is not a variable.": "Darin steht hinter @ ein Name, der keine Variable ist.",
  "With a pinned certificate, authorities do not matter to this server.":
    "Mit einem festgelegten Zertifikat spielen Zertifizierungsstellen für diesen Server keine Rolle.",
  "Without verification of certificates, authorities do not matter.": "Ohne Prüfung der Zertifikate spielen Zertifizierungsstellen keine Rolle.",
  "The pinned certificate is demanded, although verification is off otherwise.":
    "Das festgelegte Zertifikat wird verlangt, obwohl die Prüfung sonst ausgeschaltet ist.",
  "A URL that begins with http:// has no TLS, so that this is not used.": "Eine URL, die mit http:// beginnt, hat kein TLS; deshalb wird das nicht benutzt.",
  "With GET the data goes into the URL, which no signature covers. Use POST.":
    "Bei GET stehen die Daten in der URL, die keine Signatur abdeckt. Benutze POST.",
  "This secret is not used: the name of its header is missing.": "Dieses Geheimnis wird nicht benutzt: Der Name seines Headers fehlt.",
  "{name} is set by the signature and replaced.": "{name} wird von der Signatur gesetzt und ersetzt.",
  "This hook listens to nothing. Tick an event.": "Dieser Webhook hört auf nichts. Kreuze ein Ereignis an.",
  "Progress is told every 1 to 99 percent; with this number it is never told.":
    "Fortschritt wird alle 1 bis 99 Prozent gemeldet; mit dieser Zahl wird er nie gemeldet.",
  "This custom event has no name, so it never happens.": "Dieses eigene Ereignis hat keinen Namen, also geschieht es nie.",
  "This event is ticked above as well; it is sent once, with the message from there.":
    "Dieses Ereignis ist auch oben angekreuzt; es wird einmal gesendet, mit der Nachricht von dort.",
  "This event stands above already; only the first one counts.": "Dieses Ereignis steht oben schon; nur das erste zählt.",
  "@message in a message is nothing: a message cannot hold itself.": "@message in einer Nachricht ist nichts: Eine Nachricht kann sich nicht selbst enthalten.",
  "{name} is set by the connection itself and not sent.": "{name} wird von der Verbindung selbst gesetzt und nicht gesendet.",
  "@snapshot at {path:?} becomes nothing: a picture goes on the first level of the data, as the whole value of one key. Elsewhere in JSON, @snapshotBase64 is the picture as text.":
    "@snapshot bei {path} wird zu nichts: Ein Bild steht auf der obersten Ebene der Daten, als ganzer Wert eines Schlüssels. Anderswo in JSON ist @snapshotBase64 das Bild als Text.",
  "@{name} is not a variable; it is a value only if the OAuth answer has that key.{hint}":
    "@{name} ist keine Variable; einen Wert gibt es nur, wenn die OAuth-Antwort diesen Schlüssel hat.{hint}",
  "@{name} is not a variable: {what}.{hint}": "@{name} ist keine Variable: {what}.{hint}",
  " Is @{known} meant?": " Ist @{known} gemeint?",
  "it becomes an empty text": "es wird ein leerer Text",
  "it is sent as it stands": "es wird gesendet, wie es dasteht",
  "Without a picture it has to go to the same server: copy scheme and host of the URL.":
    "Ohne Bild muss es an denselben Server gehen: Übernimm Schema und Host der URL.",
  "A place in the answer begins with a slash: /ok, /result/state.": "Eine Stelle in der Antwort beginnt mit einem Schrägstrich: /ok, /result/state.",
  "Write what has to stand there: true, for example.": "Schreibe, was dort stehen muss: zum Beispiel true.",
  "Headers are an object: {\"Name\": \"value\"}.": "Header sind ein Objekt: {\"Name\": \"Wert\"}.",
  "The value of {name} holds a line break, which no header can.": "Der Wert von {name} enthält einen Zeilenumbruch, was in keinem Header geht.",
  "The value of {name} holds a character that no header can.": "Der Wert von {name} enthält ein Zeichen, das in keinem Header geht.",
  "For {what} the data has to be an object: {{\"name\": \"value\"}}.": "Für {what} müssen die Daten ein Objekt sein: {{\"name\": \"wert\"}}.",
  "a query (GET)": "eine Abfrage (GET)",
  "a query beside the picture": "eine Abfrage neben dem Bild",
  "This is empty. Write at least {} for nothing.": "Hier steht nichts. Schreibe wenigstens {}, wenn es nichts sein soll.",
  "This is not JSON: {what}.{remedy}": "Das ist kein JSON: {what}.{remedy}",
  " Remove the comma before the closing bracket.": " Entferne das Komma vor der schließenden Klammer.",
  " Write keys in double quotes, and no comma after the last entry.":
    " Schreibe Schlüssel in doppelten Anführungszeichen und kein Komma hinter den letzten Eintrag.",
  " Is a comma or a quotation mark missing before this place?": " Fehlt vor dieser Stelle ein Komma oder ein Anführungszeichen?",
  " Texts stand in double quotes; variables too: \"@topic\".": " Texte stehen in doppelten Anführungszeichen, auch Variablen: \"@topic\".",
  " There is something after the end.": " Nach dem Ende steht noch etwas.",
  " A closing bracket or quotation mark is missing.": " Eine schließende Klammer oder ein Anführungszeichen fehlt.",
  "There is no URL. Write where to send, for example https://example.com/webhook.":
    "Es gibt keine URL. Schreibe, wohin gesendet wird, zum Beispiel https://example.com/webhook.",
  "The URL has no scheme. Write https:// (or http://) before it.": "Der URL fehlt das Schema. Schreibe https:// (oder http://) davor.",
  "The scheme {0}: cannot be used. Write http:// or https://.": "Das Schema {0}: geht nicht. Schreibe http:// oder https://.",
  "@{0} stands in the host. An event's values cannot choose the host; for a literal @ write @@.":
    "@{0} steht im Host. Werte eines Ereignisses können den Host nicht bestimmen; für ein @ als Text schreibe @@.",
  "The host of the URL is not right: {0}.": "Der Host der URL stimmt nicht: {0}.",
  "A variable in the path of the URL became \".\" or \"..\", which would lead elsewhere.":
    "Eine Variable im Pfad der URL wurde zu „.“ oder „..“, was woandershin führen würde."
};

const files = {
  "This file is not JSON: it stops being so in line {line}, column {column}.": "Diese Datei ist kein JSON: In Zeile {line}, Spalte {column} hört sie auf, es zu sein.",
  "This is not the file of a hook. Choose one that was exported from Webhooks, or a template of its older versions.":
    "Das ist nicht die Datei eines Webhooks. Wähle eine, die aus Webhooks exportiert wurde, oder eine Vorlage seiner älteren Versionen.",
  "This file was written by a newer version of Webhooks (format {version}). Update the plugin to import it.":
    "Diese Datei wurde von einer neueren Version von Webhooks geschrieben (Format {version}). Aktualisiere das Plugin, um sie zu importieren.",
  "The value of {VERSION_KEY} should be {FILE_VERSION}.": "Der Wert von {VERSION_KEY} sollte {FILE_VERSION} sein.",
  "The key {} does not belong in a hook's file.": "Der Schlüssel {} gehört nicht in die Datei eines Webhooks.",
  "The file has no hook: the key \"{HOOK_KEY}\" with its settings is missing.":
    "Die Datei enthält keinen Webhook: Der Schlüssel „{HOOK_KEY}“ mit seinen Einstellungen fehlt.",
  "This file holds {} hooks. Import one at a time.": "Diese Datei enthält {} Webhooks. Importiere einen nach dem anderen.",
  "This file holds no hook.": "Diese Datei enthält keinen Webhook.",
  "A hook has no setting {} (at {path}).": "Ein Webhook hat keine Einstellung {} (bei {path}).",
  "The setting {} is missing (at {path}).": "Die Einstellung {} fehlt (bei {path}).",
  "What stands at {path} does not fit there.{remedy}": "Was bei {path} steht, passt dort nicht.{remedy}",
  " Expected is {expected}.": " Erwartet wird {expected}.",
  "a whole number from 0 to 255": "eine ganze Zahl von 0 bis 255",
  "a whole number from 0": "eine ganze Zahl ab 0",
  "true or false": "true oder false"
};

const moving = {
  "A passphrase has at least {LEAST_CHARACTERS} characters: several words, for example.":
    "Eine Passphrase hat mindestens {LEAST_CHARACTERS} Zeichen: zum Beispiel mehrere Wörter.",
  "The passphrase is not right, or the file was changed. Try again.": "Die Passphrase stimmt nicht, oder die Datei wurde verändert. Versuche es noch einmal.",
  "This file is damaged. Export it again.": "Diese Datei ist beschädigt. Exportiere sie noch einmal.",
  "This file is encrypted in a way that is not known here. Update the plugin.":
    "Diese Datei ist auf eine Art verschlüsselt, die hier nicht bekannt ist. Aktualisiere das Plugin.",
  "This file is encrypted. Enter its passphrase.": "Diese Datei ist verschlüsselt. Gib ihre Passphrase ein.",
  "This file asks for more memory and time than a printer's computer should give. Webhooks writes none like it.":
    "Diese Datei verlangt mehr Speicher und Zeit, als der Rechner eines Druckers geben sollte. Webhooks schreibt keine solche.",
  "There is not enough memory for the passphrase just now. Try again when nothing prints.":
    "Für die Passphrase reicht der Speicher gerade nicht. Versuche es noch einmal, wenn nichts gedruckt wird.",
  "The value of {VERSION_OF_MANY} should be {FILE_VERSION}.": "Der Wert von {VERSION_OF_MANY} sollte {FILE_VERSION} sein."
};

const answers = {
  "(not a URL)": "(keine URL)",
  "This is still to be filled in.": "Das ist noch auszufüllen.",
  "This is too long, or holds a line break or another character that cannot be sent.":
    "Das ist zu lang oder enthält einen Zeilenumbruch oder ein anderes Zeichen, das nicht gesendet werden kann.",
  "This does not look right.": "Das sieht nicht richtig aus.",
  "This should be a whole number.": "Das sollte eine ganze Zahl sein.",
  "Choose one of these.": "Wähle eines davon.",
  "This should be the address of the server: https://example.com": "Das sollte die Adresse des Servers sein: https://example.com",
  "This should be an address that begins with https:// or http://.": "Das sollte eine Adresse sein, die mit https:// oder http:// beginnt.",
  "This is not an address of this service.": "Das ist keine Adresse dieses Dienstes.",
  "Something here keeps it from being sent.": "Etwas hier verhindert, dass es gesendet wird.",
  "Something here may not be as it was meant.": "Etwas hier ist vielleicht nicht so gemeint.",
  "The API secret is a text.": "Das API-Geheimnis ist ein Text.",
  "The secret is a text.": "Das Geheimnis ist ein Text.",
  "The private key is a text.": "Der private Schlüssel ist ein Text.",
  "A key that should stay is not there any more. Load the hook again.": "Ein Schlüssel, der bleiben sollte, ist nicht mehr da. Lade den Webhook noch einmal.",
  "The URL goes to another server than before. Enter {what}.": "Die URL führt zu einem anderen Server als zuvor. Trage {what}.",
  "the API secret again, or clear it": "das API-Geheimnis noch einmal ein oder lösche es",
  "the signing keys again, or remove them": "die Signaturschlüssel noch einmal ein oder entferne sie",
  "the secret of the signature again, or clear it": "das Geheimnis der Signatur noch einmal ein oder lösche es",
  "the private key again, or clear it": "den privaten Schlüssel noch einmal ein oder lösche ihn",
  "Signing keys are a list: of texts, and of numbers for saved keys that stay.":
    "Signaturschlüssel sind eine Liste: aus Texten und aus Nummern für gespeicherte Schlüssel, die bleiben.",
  "This machine has no random numbers yet. Try again.": "Dieser Rechner hat noch keine Zufallszahlen. Versuche es noch einmal.",
  "There is no such service. The list of services has all of them.": "Diesen Dienst gibt es nicht. Die Liste der Dienste enthält alle.",
  "There is no such test any more.": "Diesen Test gibt es nicht mehr.",
  "Choose an event to test with.": "Wähle ein Ereignis zum Testen.",
  "There is nothing at this address.": "Unter dieser Adresse ist nichts.",
  "There is no such page. Reload the browser's window.": "Diese Seite gibt es nicht. Lade das Fenster des Browsers neu.",
  "The request is not JSON: {error}.": "Die Anfrage ist kein JSON: {error}.",
  "The request is not right: {error}.": "Die Anfrage stimmt nicht: {error}.",
  "You are not allowed to do this.": "Das darfst du nicht.",
  "Please enter your password again.": "Bitte gib dein Passwort noch einmal ein.",
  "There is no such hook.": "Diesen Webhook gibt es nicht.",
  "A hook is a JSON object.": "Ein Webhook ist ein JSON-Objekt.",
  "This cannot be read: {}.": "Das lässt sich nicht lesen: {}.",
  "This is longer than {} KiB.": "Das ist länger als {} KiB.",
  "A webhook listens to 200 custom events at most.": "Ein Webhook hört auf höchstens 200 eigene Ereignisse.",
  "No more than {MOST_AT_ONCE} at once.": "Nicht mehr als {MOST_AT_ONCE} auf einmal.",
  "There is no such delivery.": "Diese Zustellung gibt es nicht.",
  "The delivery log cannot be read just now. {why}": "Das Protokoll der Zustellungen lässt sich gerade nicht lesen. {why}",
  "This hook is not there any more.": "Diesen Webhook gibt es nicht mehr.",
  "This hook was changed elsewhere meanwhile.": "Dieser Webhook wurde inzwischen anderswo geändert.",
  "There are {MOST_HOOKS} hooks already; delete some first.": "Es gibt schon {MOST_HOOKS} Webhooks; lösche zuerst einige."
};

const network = {
  "{} is OctoPrint itself, and webhooks never go there.": "{} ist OctoPrint selbst, und dorthin gehen Webhooks nie.",
  "{} is within your own network, and a server outside sent us there. If it belongs there, write that address into the hook's URL.":
    "{} liegt in deinem eigenen Netz, und ein Server außerhalb hat dorthin weitergeleitet. Wenn es dorthin gehört, schreibe diese Adresse in die URL des Webhooks.",
  "{} {what}, and webhooks never go there.": "{} {what}, und dorthin gehen Webhooks nie.",
  "is where clouds keep the credentials of their machines": "ist, wo Clouds die Zugangsdaten ihrer Rechner aufbewahren",
  "is a link-local address": "ist eine link-lokale Adresse",
  "is not the address of a machine": "ist nicht die Adresse eines Rechners",
  "is a multicast address": "ist eine Multicast-Adresse",
  "is the broadcast address": "ist die Broadcast-Adresse",
  "The name {} could not be looked up just now. Is this machine online?": "Der Name {} ließ sich gerade nicht nachschlagen. Ist dieser Rechner online?",
  "There is no host with the name {}. {remedy}": "Es gibt keinen Rechner mit dem Namen {}. {remedy}",
  "Is the device switched on and in this network?": "Ist das Gerät eingeschaltet und in diesem Netz?",
  "Check its spelling.": "Prüfe die Schreibweise.",
  "Nobody answers at {place}. Is the service running there, and is {} its port?":
    "Bei {place} antwortet niemand. Läuft der Dienst dort, und ist {} sein Port?",
  "This machine does not allow a connection to {place}. Is there a firewall?":
    "Dieser Rechner erlaubt keine Verbindung zu {place}. Gibt es eine Firewall?",
  "There is no way to {place} from this machine. Is it online, and is the host switched on?":
    "Von diesem Rechner führt kein Weg zu {place}. Ist er online, und ist der andere eingeschaltet?",
  "{place} does not answer when called. Is it switched on and in reach, or does a firewall swallow it?":
    "{place} meldet sich nicht. Ist er eingeschaltet und erreichbar, oder verschluckt es eine Firewall?",
  "{place} cut the connection.": "{place} hat die Verbindung abgebrochen.",
  "No answer within {allowed}: {doing}": "Keine Antwort innerhalb von {allowed}: {doing}",
  "nothing had begun yet": "noch hatte nichts begonnen",
  "looking up the name {}. Is this machine online?": "beim Nachschlagen des Namens {}. Ist dieser Rechner online?",
  "waiting for the connection to {place}. Is it switched on and in reach?":
    "beim Warten auf die Verbindung zu {place}. Ist er eingeschaltet und erreichbar?",
  "waiting for the proxy {place}.": "beim Warten auf den Proxy {place}.",
  "waiting for TLS with {place}. If it speaks plain HTTP, write http:// in the URL.":
    "beim Warten auf TLS mit {place}. Spricht er einfaches HTTP, schreibe http:// in die URL.",
  "waiting for the answer of {place}. The connection stands, but the server is silent or too slow.":
    "beim Warten auf die Antwort von {place}. Die Verbindung steht, aber der Server schweigt oder ist zu langsam.",
  "reading the answer of {place}.": "beim Lesen der Antwort von {place}.",
  "More than {most} redirects, the last one from {place}. Write the final address into the hook's URL.":
    "Mehr als {most} Weiterleitungen, die letzte von {place}. Schreibe die endgültige Adresse in die URL des Webhooks.",
  "The URL has to begin with http:// or https:// and name a host.": "Die URL muss mit http:// oder https:// beginnen und einen Host nennen.",
  "The URL is too long, or has characters that cannot be sent.": "Die URL ist zu lang oder enthält Zeichen, die nicht gesendet werden können.",
  "The environment variable {variable} is not the address of an HTTP proxy, such as http://host:3128.":
    "Die Umgebungsvariable {variable} ist nicht die Adresse eines HTTP-Proxys wie http://host:3128.",
  "The proxy {proxy} cannot be used. {}": "Der Proxy {proxy} ist nicht benutzbar. {}",
  "{proxy} does not answer like an HTTP proxy.": "{proxy} antwortet nicht wie ein HTTP-Proxy.",
  "The proxy {proxy} {why}.": "Der Proxy {proxy} {why}.",
  "asks for a user name and a password, or does not accept those that are set":
    "verlangt Benutzernamen und Passwort oder nimmt die gesetzten nicht an",
  "does not pass this on (status {status})": "gibt das nicht weiter (Status {status})",
  "The server redirects to something that is not a web address.": "Der Server leitet zu etwas weiter, das keine Webadresse ist.",
  "The server redirects from https to {origin}; that is never followed.": "Der Server leitet von https zu {origin} weiter; dem wird nie gefolgt.",
  "The server redirects to {origin} with status {}, which only GET follows. {REMEDY}":
    "Der Server leitet zu {origin} weiter, mit Status {}, dem nur GET folgt. {REMEDY}",
  "The server redirects to {origin}. What this hook sends may hold secrets, so it was not sent there. {REMEDY}":
    "Der Server leitet zu {origin} weiter. Was dieser Webhook sendet, kann Geheimnisse enthalten, deshalb wurde es nicht dorthin gesendet. {REMEDY}",
  "If it belongs there, write that address into the hook's URL.": "Wenn es dorthin gehört, schreibe diese Adresse in die URL des Webhooks.",
  "{place} speaks TLS. Write https:// in the URL.": "{place} spricht TLS. Schreibe https:// in die URL.",
  "The request could not be written. This is a fault of the plugin.": "Die Anfrage konnte nicht geschrieben werden. Das ist ein Fehler des Plugins.",
  "{place} hung up in the middle of its answer.": "{place} hat mitten in der Antwort aufgelegt.",
  "{place} hung up without an answer.{hint}": "{place} hat ohne Antwort aufgelegt.{hint}",
  " If it expects TLS, write https:// in the URL.": " Erwartet er TLS, schreibe https:// in die URL.",
  "{place} sends more headers than are read.": "{place} sendet mehr Header, als gelesen werden.",
  "What {place} answers is not HTTP. Is {} the right port?": "Was {place} antwortet, ist kein HTTP. Ist {} der richtige Port?"
};

const tls = {
  "If it is your own server, enter its authority or pin its certificate in this hook, or install the certificate of its authority on this machine.":
    "Ist es dein eigener Server, trage seine Zertifizierungsstelle ein oder lege sein Zertifikat in diesem Webhook fest, oder installiere das Zertifikat seiner Zertifizierungsstelle auf diesem Rechner.",
  "Enter one that this server accepts into this hook, with its private key.":
    "Trage eines, das dieser Server annimmt, mit seinem privaten Schlüssel in diesen Webhook ein.",
  "{place} hung up when TLS was offered. If it speaks plain HTTP, write http:// in the URL.":
    "{place} hat aufgelegt, als TLS angeboten wurde. Spricht er einfaches HTTP, schreibe http:// in die URL.",
  "{place} cut the connection when TLS was offered. If it speaks plain HTTP, write http:// in the URL.":
    "{place} hat die Verbindung abgebrochen, als TLS angeboten wurde. Spricht er einfaches HTTP, schreibe http:// in die URL.",
  "{} is not a name that a certificate can be for.": "{} ist kein Name, für den ein Zertifikat gelten kann.",
  "One of the authorities in this hook cannot be read as a certificate. Was all of it copied?":
    "Eine der Zertifizierungsstellen in diesem Webhook lässt sich nicht als Zertifikat lesen. Wurde sie ganz kopiert?",
  "The client certificate of this hook and its private key do not belong together.":
    "Das Client-Zertifikat dieses Webhooks und sein privater Schlüssel gehören nicht zusammen.",
  "The client certificate of this hook or its private key cannot be read. RSA, EC, and Ed25519 are known.":
    "Das Client-Zertifikat dieses Webhooks oder sein privater Schlüssel lässt sich nicht lesen. Bekannt sind RSA, EC und Ed25519.",
  "{place} does not speak TLS. If it speaks plain HTTP, write http:// in the URL.":
    "{place} spricht kein TLS. Spricht er einfaches HTTP, schreibe http:// in die URL.",
  "{place} asks for a client certificate, and this hook has none. {WHOM_IT_SHOWS}":
    "{place} verlangt ein Client-Zertifikat, und dieser Webhook hat keines. {WHOM_IT_SHOWS}",
  "{place} does not accept the client certificate of this hook. {WHOM_IT_SHOWS}":
    "{place} nimmt das Client-Zertifikat dieses Webhooks nicht an. {WHOM_IT_SHOWS}",
  "{place} refused the TLS connection ({alert:?}). Does it want another client certificate?":
    "{place} hat die TLS-Verbindung abgelehnt ({alert}). Verlangt er ein anderes Client-Zertifikat?",
  "{place} is not set up for this name. Use the name that its certificate is for.":
    "{place} ist für diesen Namen nicht eingerichtet. Benutze den Namen, für den sein Zertifikat gilt.",
  "{place} has only an old or unusual TLS that is not spoken here. Bring its software up to date.":
    "{place} hat nur ein altes oder ungewöhnliches TLS, das hier nicht gesprochen wird. Bringe seine Software auf den neuesten Stand.",
  "{place} refused the TLS connection ({alert:?}).": "{place} hat die TLS-Verbindung abgelehnt ({alert}).",
  "TLS with {place} failed.": "TLS mit {place} ist gescheitert.",
  "The certificate of {place} does not fit to what the server does.": "Das Zertifikat von {place} passt nicht zu dem, was der Server tut.",
  "{place} shows another certificate than the pinned one. The SHA-256 fingerprint of what it shows is {}. If the server got a new certificate, enter that one; if not, somebody may stand in between.":
    "{place} zeigt ein anderes Zertifikat als das festgelegte. Der SHA-256-Fingerabdruck des gezeigten ist {}. Hat der Server ein neues Zertifikat bekommen, trage es ein; wenn nicht, steht vielleicht jemand dazwischen.",
  "{TRUST_IT} Its SHA-256 fingerprint is {}.": "{TRUST_IT} Sein SHA-256-Fingerabdruck ist {}.",
  "The certificate of {place} has expired{until}. On the clock of this machine it is {today}: if that is wrong, set the clock; if it is right, the server needs a new certificate.":
    "Das Zertifikat von {place} ist abgelaufen{until}. Nach der Uhr dieses Rechners ist es {today}: Stimmt das nicht, stelle die Uhr; stimmt es, braucht der Server ein neues Zertifikat.",
  "The certificate of {place} is not valid{from}. On the clock of this machine it is {today}: most likely that is wrong. Set the clock.":
    "Das Zertifikat von {place} gilt noch nicht{from}. Nach der Uhr dieses Rechners ist es {today}: Wahrscheinlich stimmt das nicht. Stelle die Uhr.",
  " on {}": " am {}",
  " before {}": " vor {}",
  " yet": "",
  "The certificate of {place} is not from an authority that this machine trusts. {trust_it}":
    "Das Zertifikat von {place} stammt nicht von einer Zertifizierungsstelle, der dieser Rechner vertraut. {trust_it}",
  "The certificate of {place} is for another name. Write the name that it was made for into the URL, or pin the certificate in this hook. Its SHA-256 fingerprint is {}.":
    "Das Zertifikat von {place} gilt für einen anderen Namen. Schreibe den Namen, für den es gemacht wurde, in die URL oder lege das Zertifikat in diesem Webhook fest. Sein SHA-256-Fingerabdruck ist {}.",
  "The certificate of {place} has been revoked.": "Das Zertifikat von {place} wurde widerrufen.",
  "The certificate of {place} cannot be trusted. {trust_it}": "Dem Zertifikat von {place} ist nicht zu trauen. {trust_it}"
};

const store = {
  "The file with the events that wait to be sent is in use by another program. Is another OctoPrint running with the same folder?":
    "Die Datei mit den wartenden Ereignissen wird von einem anderen Programm benutzt. Läuft ein anderes OctoPrint mit demselben Ordner?",
  "The events that wait to be sent were saved by a later version of this plugin, so this version does not touch them. Update the plugin.":
    "Die wartenden Ereignisse wurden von einer neueren Version dieses Plugins gespeichert, deshalb rührt diese Version sie nicht an. Aktualisiere das Plugin.",
  "The outbox could not be started: {0}.": "Der Postausgang konnte nicht gestartet werden: {0}.",
  "The picture was given up, because there was no space left for it.": "Das Bild wurde aufgegeben, weil kein Platz mehr dafür da war.",
  "the disk is full": "der Datenträger ist voll",
  "the disk takes no writes (it is read-only)": "der Datenträger lässt sich nicht beschreiben",
  "another process uses it": "ein anderer Prozess benutzt ihn",
  "it is not open": "sie ist nicht geöffnet",
  "it cannot be read just now": "sie lässt sich gerade nicht lesen",
  "Events cannot be saved, so a restart would lose those that wait. Make space or check the SD card.":
    "Ereignisse können nicht gespeichert werden; ein Neustart würde die wartenden verlieren. Schaffe Platz oder prüfe die SD-Karte.",
  "{why} The version before it is used.": "{why} Die Fassung davor wird benutzt.",
  "{why} The version before it is damaged too{aside}.": "{why} Die Fassung davor ist auch beschädigt{aside}.",
  "The hooks file is missing.": "Die Datei der Webhooks fehlt.",
  "The hooks file was damaged ({error}){aside}.": "Die Datei der Webhooks war beschädigt ({error}){aside}.",
  "The hooks file was damaged ({error}){aside}. There is no version before it.":
    "Die Datei der Webhooks war beschädigt ({error}){aside}. Es gibt keine Fassung davor.",
  "The hooks file {} cannot be read: {error}.": "Die Datei der Webhooks {} lässt sich nicht lesen: {error}.",
  "it is not JSON": "sie ist kein JSON",
  "it is not a hooks file": "sie ist keine Datei von Webhooks",
  "{what} at line {}, column {}": "{what} in Zeile {}, Spalte {}",
  "; it is kept as {}": "; sie liegt jetzt als {} da",
  "; it could not be put aside: {error}": "; sie konnte nicht beiseitegelegt werden: {error}"
};

const engine = {
  "Not sent, the hook has to be mended: look at {}{place}.": "Nicht gesendet, am Webhook ist etwas zu beheben: siehe {}{place}.",
  "Not sent, the hook has to be mended. {}{place}: {}": "Nicht gesendet, am Webhook ist etwas zu beheben. {}{place}: {}",
  " (line {line}, column {column})": " (Zeile {line}, Spalte {column})",
  "This hook cannot be sent as it stands.": "Dieser Webhook kann so nicht gesendet werden.",
  "The plugin is version {shell}, but the engine is version {VERSION}. Install both in the same version.":
    "Das Plugin hat Version {shell}, seine Maschine aber Version {VERSION}. Installiere beide in derselben Version.",
  "The folder {folder} cannot be used: {source}.": "Der Ordner {folder} ist nicht benutzbar: {source}.",
  "The engine could not be started: {0}.": "Die Maschine konnte nicht gestartet werden: {0}.",
  "{MOST_TESTS} tests are running already; wait until one has ended.": "Es laufen schon {MOST_TESTS} Tests; warte, bis einer fertig ist.",
  "The engine stops.": "Die Maschine hält an.",
  "{error} Events are kept in memory until OctoPrint is restarted.": "{error} Ereignisse bleiben im Arbeitsspeicher, bis OctoPrint neu gestartet wird.",
  "The engine ended in a fault of this plugin. Restart OctoPrint; please report it.":
    "Die Maschine ist an einem Fehler dieses Plugins gescheitert. Starte OctoPrint neu und melde es bitte.",
  "The camera gave no picture within {} s.": "Die Kamera hat innerhalb von {} s kein Bild geliefert.",
  "The thumbnail was not found within {} s.": "Das Vorschaubild war innerhalb von {} s nicht zu finden.",
  "No file is chosen for printing that could have a thumbnail.": "Es ist keine Datei zum Drucken gewählt, die ein Vorschaubild haben könnte.",
  "The thumbnail is neither PNG nor JPEG, and could hardly be shown.": "Das Vorschaubild ist weder PNG noch JPEG; anderes lässt sich kaum anzeigen.",
  "The timelapse was not found within {} s.": "Der Zeitraffer war innerhalb von {} s nicht zu finden.",
  "The timelapse is not in OctoPrint's folder of timelapses any more.": "Der Zeitraffer liegt nicht mehr in OctoPrints Ordner für Zeitraffer.",
  "The timelapse is of a kind that is not sent.": "Der Zeitraffer ist von einer Art, die nicht gesendet wird.",
  "The timelapse could not be read: {}.": "Der Zeitraffer konnte nicht gelesen werden: {}.",
  "The timelapse is larger than {} MB.": "Der Zeitraffer ist größer als {} MB.",
  "The timelapse is larger than what the receiver takes.": "Der Zeitraffer ist größer, als der Empfänger ihn nimmt.",
  "The thumbnail is larger than what the receiver takes.": "Das Vorschaubild ist größer, als der Empfänger es nimmt.",
  "The file could not be read for its thumbnail: {}.": "Die Datei konnte für ihr Vorschaubild nicht gelesen werden: {}.",
  "There was no room to keep the picture while it waited.": "Es war kein Platz, um das Bild aufzuheben, während es wartete.",
  "The picture was lost with a restart.": "Das Bild ging bei einem Neustart verloren.",
  "The picture could not be used: {error}.": "Das Bild war nicht brauchbar: {error}.",
  "The picture could not be used: it is damaged.": "Das Bild war nicht brauchbar: Es ist beschädigt.",
  "The hooks could not be saved to {path}: {source}.": "Die Webhooks konnten nicht nach {path} gespeichert werden: {source}.",
  "The hooks were saved by a later version of this plugin, so this version does not change them. Update the plugin.":
    "Die Webhooks wurden von einer neueren Version dieses Plugins gespeichert, deshalb ändert diese Version sie nicht. Aktualisiere das Plugin.",
  "The hooks file could not be read, so it is not overwritten. Mend its permissions and restart OctoPrint.":
    "Die Datei der Webhooks konnte nicht gelesen werden, deshalb wird sie nicht überschrieben. Berichtige ihre Rechte und starte OctoPrint neu.",
  "It waits for its turn.": "Sie wartet, bis sie dran ist.",
  "It waits behind older ones.": "Sie wartet hinter älteren.",
  "Waiting for the clock of this machine to be set: a signature with a wrong time is refused.":
    "Wartet, bis die Uhr dieses Rechners gestellt ist: Eine Signatur mit falscher Zeit wird abgelehnt.",
  "It is being sent.": "Sie wird gerade gesendet.",
  "Given up: the webhook was deleted or switched off.": "Aufgegeben: Der Webhook wurde gelöscht oder ausgeschaltet.",
  "Given up: the webhook was switched off.": "Aufgegeben: Der Webhook wurde ausgeschaltet.",
  "Given up: too many events came at once for this webhook.": "Aufgegeben: Für diesen Webhook kamen zu viele Ereignisse auf einmal.",
  "A fault of this plugin kept it from being sent; please report it.": "Ein Fehler dieses Plugins hat das Senden verhindert; bitte melde ihn.",
  "Not sent: OctoPrint was stopped while it waited, and it was worth no write.":
    "Nicht gesendet: OctoPrint wurde beendet, während sie wartete, und sie war kein Speichern wert.",
  "Lost: it waited to be sent, and is not among the stored events any more. The disk failed, or its file was damaged.":
    "Verloren: Sie wartete auf das Senden und ist nicht mehr unter den gespeicherten Ereignissen. Der Datenträger hat versagt, oder seine Datei war beschädigt.",
  "The token of an earlier OAuth request is still good.": "Das Token einer früheren OAuth-Anfrage gilt noch.",
  "The OAuth server answered.": "Der OAuth-Server hat geantwortet.",
  "The OAuth request failed, so the webhook was not sent. {}": "Die OAuth-Anfrage ist gescheitert, deshalb wurde der Webhook nicht gesendet. {}",
  "The OAuth server answered, but not with a JSON object, so the webhook was not sent.":
    "Der OAuth-Server hat geantwortet, aber nicht mit einem JSON-Objekt; deshalb wurde der Webhook nicht gesendet.",
  "The OAuth server has a problem: {}. The webhook was not sent.": "Der OAuth-Server hat ein Problem: {}. Der Webhook wurde nicht gesendet.",
  "The OAuth server refused: {}. Check the OAuth URL, headers, and data. The webhook was not sent.":
    "Der OAuth-Server hat abgelehnt: {}. Prüfe URL, Header und Daten von OAuth. Der Webhook wurde nicht gesendet.",
  "This delivery is not kept any more.": "Diese Zustellung ist nicht mehr da.",
  "This event is not kept any more. Choose another one.": "Dieses Ereignis ist nicht mehr da. Wähle ein anderes.",
  "This delivery is on its way.": "Diese Zustellung ist unterwegs.",
  "What happened then is not kept, so it cannot be sent again. Progress never is.":
    "Was damals geschah, ist nicht mehr da, deshalb kann es nicht noch einmal gesendet werden. Fortschritt wird nie aufgehoben.",
  "Its webhook was deleted.": "Ihr Webhook wurde gelöscht.",
  "Its webhook is switched off. Switch it on first.": "Ihr Webhook ist ausgeschaltet. Schalte ihn zuerst ein.",
  "The delivery log cannot be read just now. {0}": "Das Protokoll der Zustellungen lässt sich gerade nicht lesen. {0}",
  "It is sent again, and the picture of then is not kept.": "Sie wird noch einmal gesendet, und das Bild von damals ist nicht mehr da.",
  "Delivered: {} in {took} ms.{warning}": "Zugestellt: {} in {took} ms.{warning}",
  "Delivered: {} in {} ms.": "Zugestellt: {} in {} ms.",
  "The receiver wants other credentials: look at the headers, the API secret, or OAuth.":
    "Der Empfänger verlangt andere Zugangsdaten: Sieh dir die Header, das API-Geheimnis oder OAuth an.",
  "The receiver has nothing at this address: look at the path of the URL.": "Der Empfänger hat unter dieser Adresse nichts: Sieh dir den Pfad der URL an.",
  "The receiver does not take this method: try another one.": "Der Empfänger nimmt diese Methode nicht an: Versuche eine andere.",
  "The receiver does not take this data: compare it with the service's documentation. Its answer often says what is missing.":
    "Der Empfänger nimmt diese Daten nicht an: Vergleiche sie mit der Dokumentation des Dienstes. Seine Antwort sagt oft, was fehlt.",
  "The receiver got too many requests: wait, or send less often (cooldown, progress interval).":
    "Der Empfänger hat zu viele Anfragen bekommen: Warte oder sende seltener (Pause, Abstand des Fortschritts).",
  "The fault is on the receiver's side; its log knows more.": "Der Fehler liegt beim Empfänger; sein Protokoll weiß mehr.",
  "The receiver took too long. If it does answer later, it should answer before it does its work.":
    "Der Empfänger hat zu lange gebraucht. Antwortet er später doch, sollte er antworten, bevor er seine Arbeit tut.",
  "For a server of your own, enter its authority or pin its certificate in the TLS settings of the hook.":
    "Für einen eigenen Server trage seine Zertifizierungsstelle ein oder lege sein Zertifikat in den Zertifikats-Einstellungen des Webhooks fest.",
  "Webhooks do not go to this address, to keep this machine safe.": "Webhooks gehen nicht an diese Adresse, damit dieser Rechner sicher bleibt.",
  "It may have arrived all the same, and is not sent twice.": "Vielleicht ist es trotzdem angekommen, und es wird nicht zweimal gesendet.",
  "Next try in {}.": "Nächster Versuch in {}."
};

const plugin = {
  "Please enter your password again.": "Bitte gib dein Passwort noch einmal ein.",
  "The old settings are not removed while the engine, which takes them over, does not run.":
    "Die alten Einstellungen werden nicht gelöscht, solange die Maschine, die sie übernimmt, nicht läuft.",
  "The engine of the webhooks does not run; the page says why.": "Die Maschine der Webhooks läuft nicht; die Seite sagt, warum.",
  "The engine of the webhooks could not answer; OctoPrint's log tells more.":
    "Die Maschine der Webhooks konnte nicht antworten; das Protokoll von OctoPrint weiß mehr.",
  "OctoPrint could not tell its webcams; its log tells more.": "OctoPrint konnte seine Webcams nicht nennen; mehr steht in seinem Log.",
  "You do not have the permission for this.": "Du hast nicht das Recht dazu.",
  "The camera is still busy with an earlier picture.": "Die Kamera ist noch mit einem früheren Bild beschäftigt.",
  "The camera gave no picture within {seconds:.0f} seconds.": "Die Kamera hat innerhalb von {seconds} Sekunden kein Bild geliefert.",
  "No webcam that can take snapshots is set up in OctoPrint.": "In OctoPrint ist keine Webcam eingerichtet, die Bilder machen kann.",
  "The camera's picture is larger than {mebibytes} MiB.": "Das Bild der Kamera ist größer als {mebibytes} MiB.",
  "The camera sends its picture too slowly.": "Die Kamera sendet ihr Bild zu langsam.",
  "The camera gave an empty answer.": "Die Kamera hat leer geantwortet.",
  "The camera could not be reached ({kind}).": "Die Kamera war nicht zu erreichen ({kind})."
};

export const sentences = {
  ...compose, ...details, ...etiquette, ...oldSettings, ...waiting, ...signing, ...certificates, ...checks, ...files, ...moving, ...answers, ...network,
  ...tls, ...store,
  ...engine, ...plugin
};

/** German for what the engine's catalogues hold: topics, variables, services and what they ask for. */

const topics = {
  "Print Started": "Druck begonnen",
  "Print Done": "Druck fertig",
  "Print Failed": "Druck fehlgeschlagen",
  "Print Cancelled": "Druck abgebrochen",
  "Print Paused": "Druck angehalten",
  "Print Resumed": "Druck fortgesetzt",
  "Print Progress": "Druckfortschritt",
  "User Action Needed": "Du wirst gebraucht",
  "Connection Lost": "Verbindung verloren",
  "Display Message": "Anzeigetext",
  "Webhook Command": "Befehl @webhook",
  "Webhook Trouble": "Webhook gestört",
  "Print Ended": "Druck zu Ende",
  "Print Interrupted": "Druck unterbrochen",
  "First Layer Done": "Erste Schicht fertig",
  "Heater Temperature": "Temperatur eines Heizers",
  "User Action Over": "Du wirst nicht mehr gebraucht",
  "Terminal Line": "Zeile im Terminal",
  "Custom Event": "Eigenes Ereignis"
};

const variables = {
  "What happened, in the words of the page.": "Was geschehen ist, in den englischen Worten der Seite.",
  "The message that the hook has for this event.": "Die Nachricht, die der Webhook für dieses Ereignis hat.",
  "OctoPrint's name of the event.": "OctoPrints Name des Ereignisses.",
  "The data that OctoPrint sent with the event; differs by event.": "Die Daten, die OctoPrint mit dem Ereignis geschickt hat; je nach Ereignis verschieden.",
  "The hook's device identifier.": "Die Gerätekennung des Webhooks.",
  "The hook's API secret.": "Das API-Geheimnis des Webhooks.",
  "The name of this OctoPrint, from its appearance settings.": "Der Name dieses OctoPrints, aus den Einstellungen zum Erscheinungsbild.",
  "OctoPrint's appearance settings.": "OctoPrints Einstellungen zum Erscheinungsbild.",
  "The printer: its name and what its profile in OctoPrint says: id, profile (the profile's name), model, width, depth, height in mm.":
    "Der Drucker: sein Name und was sein Profil in OctoPrint sagt: id, profile (Name des Profils), model, width, depth, height in mm.",
  "The machine that OctoPrint runs on: name, uptime in seconds, and the versions of octoprint, plugin, and python; url where OctoPrint is told its public address.":
    "Der Rechner, auf dem OctoPrint läuft: name, uptime in Sekunden und die Versionen von octoprint, plugin und python; url, wo OctoPrint seine öffentliche Adresse kennt.",
  "The file that the event names, or else that of the print: name, base (without its ending), path, folder, origin (local, sdcard), size in bytes.":
    "Die Datei, die das Ereignis nennt, sonst die des Drucks: name, base (ohne Endung), path, folder, origin (local, sdcard), size in Bytes.",
  "Who did it, or else who started the print.": "Wer es war, sonst wer den Druck gestartet hat.",
  "The filament of the print over all tools: length in m, volume in cm³, weight in g; the same in used for what is printed by now, as the progress tells.":
    "Das Filament des Drucks über alle Werkzeuge: length in m, volume in cm³, weight in g; dasselbe in used für das bisher Gedruckte, soweit es der Fortschritt sagt.",
  "The printer's state: text and flags.": "Der Zustand des Druckers: Text und Merkmale.",
  "The print job: file, estimate, filament, user.": "Der Druckauftrag: Datei, Schätzung, Filament, Benutzer.",
  "The job's progress: completion in percent, times in seconds.": "Der Fortschritt des Auftrags: fertig in Prozent, Zeiten in Sekunden.",
  "The last progress milestone of this print that this hook passed; 0 before the first.":
    "Die letzte Fortschrittsmarke dieses Drucks, die dieser Webhook erreicht hat; 0 vor der ersten.",
  "When the print should end, local time of the machine; nothing while unknown.":
    "Wann der Druck enden sollte, Ortszeit des Rechners; nichts, solange unbekannt.",
  "The layer being printed: number (from 1), total, height in mm; nothing where the file's layers are not known. Of a print from the printer's card, number and total as the printer says them.":
    "Die Schicht, die gedruckt wird: number (ab 1), total, height in mm; nichts, wo die Schichten der Datei nicht bekannt sind. Bei einem Druck von der Karte des Druckers number und total, wie der Drucker sie sagt.",
  "Height of the print head in mm.": "Höhe des Druckkopfs in mm.",
  "Actual and target temperatures in °C, by heater.": "Ist- und Solltemperaturen in °C, je Heizer.",
  "Temperature offsets, by heater.": "Temperaturabweichungen, je Heizer.",
  "What OctoPrint knows of the file: analysis, statistics, history.": "Was OctoPrint von der Datei weiß: Analyse, Statistik, Verlauf.",
  "The picture: of a webcam, or the thumbnail of the file. Only on the first level of the data, as the whole value; makes the request multipart.":
    "Das Bild: das einer Webcam oder das Vorschaubild der Datei. Nur auf der obersten Ebene der Daten, als ganzer Wert; macht die Anfrage zu Multipart.",
  "What the picture is: camera, thumbnail, or timelapse; empty where there is none.":
    "Was das Bild ist: camera, thumbnail oder timelapse; leer, wo es keines gibt.",
  "The media type of the picture, for a data URL: data:@pictureType;base64,@snapshotBase64.":
    "Der Medientyp des Bildes, für eine Data-URL: data:@pictureType;base64,@snapshotBase64.",
  "The pictures that go along, a list: id (from 0) and filename of each; for a receiver that wants them named once more, as Discord does when a message changes.":
    "Die Bilder, die mitgehen, eine Liste: id (ab 0) und filename von jedem; für einen Empfänger, der sie noch einmal genannt haben will, wie Discord, wenn sich eine Nachricht ändert.",
  "Which of several pictures it is, from 1: for the names of their files.": "Das wievielte von mehreren Bildern es ist, ab 1: für die Namen ihrer Dateien.",
  "The same picture as base64, anywhere in JSON data; without a picture its key is left out.":
    "Dasselbe Bild als Base64, überall in JSON-Daten; ohne Bild fällt sein Schlüssel weg.",
  "When it happened, in whole seconds since 1970-01-01 UTC.": "Wann es geschah, in ganzen Sekunden seit 1970-01-01 UTC.",
  "How late the message is, when it comes late; else nothing.": "Wie spät die Nachricht kommt, wenn sie verspätet ist; sonst nichts.",
  "How many more times the same happened while the message waited; 0 as a rule.":
    "Wie oft dasselbe noch geschah, während die Nachricht wartete; in der Regel 0.",
  "What was held in quiet hours and is told with this event: how many (count), and the newest of them (lines), with time and message. Where it stands in a webhook, the message does not begin with them.":
    "Was in Ruhezeiten zurückgehalten wurde und mit diesem Ereignis erzählt wird: wie viel (count) und das Neueste davon (lines), mit Uhrzeit und Nachricht. Wo es in einem Webhook steht, beginnt die Nachricht nicht damit.",
  "Names the event, the same for every hook.": "Benennt das Ereignis, gleich für jeden Webhook.",
  "Names this delivery, the same for every attempt: use it to drop repeats.":
    "Benennt diese Zustellung, gleich bei jedem Versuch: zum Aussortieren von Wiederholungen.",
  "The name that the receiver gave the first message about this print; for what changes that message, or goes on in its thread.":
    "Der Name, den der Empfänger der ersten Nachricht über diesen Druck gab; für das, was diese Nachricht ändert oder in ihrem Thread weitergeht.",
  "Names the print, the same for all of its events; nothing outside of a print.":
    "Benennt den Druck, gleich für alle seine Ereignisse; nichts außerhalb eines Drucks."
};

const asks = {
  "0 is silent, 8 is loud.": "0 ist lautlos, 8 ist laut.",
  "0 is the first one.": "0 ist der erste.",
  "A number of yours at Plivo.": "Eine deiner Nummern bei Plivo.",
  "A number of yours at Twilio.": "Eine deiner Nummern bei Twilio.",
  "A permanent one of a system user: the one that is shown first lasts a day.": "Ein dauerhaftes eines Systembenutzers: Das zuerst angezeigte gilt nur einen Tag.",
  "API key": "API-Schlüssel",
  "Access code": "Zugangscode",
  "Access token": "Zugriffstoken",
  "Account SID": "Account SID",
  "Address": "Adresse",
  "Address of the device": "Adresse des Geräts",
  "Address of the server": "Adresse des Servers",
  "Another channel than the webhook's own.": "Ein anderer Kanal als der des Webhooks.",
  "Another only if you run a Bot API server or a proxy of your own.": "Eine andere nur, wenn du einen eigenen Bot-API-Server oder Proxy betreibst.",
  "Application token": "Token der Anwendung",
  "As it is registered with the server.": "Wie sie beim Server angemeldet ist.",
  "As you called it in the applet.": "Wie du es im Applet genannt hast.",
  "At ifttt.com/maker_webhooks: Documentation.": "Auf ifttt.com/maker_webhooks: Documentation.",
  "At prowlapp.com: API Keys, Generate.": "Auf prowlapp.com: API Keys, Generate.",
  "At pushbullet.com: Settings, Account, Create Access Token.": "Auf pushbullet.com: Settings, Account, Create Access Token.",
  "At the top of pushover.net when you are logged in; or the key of a group.": "Oben auf pushover.net, wenn du angemeldet bist; oder der Schlüssel einer Gruppe.",
  "Auth ID": "Auth ID",
  "Auth token": "Auth Token",
  "Beside it.": "Gleich daneben.",
  "Bot token": "Bot-Token",
  "CallMeBot answers with it when you allow it to write to you.": "CallMeBot antwortet damit, wenn du ihm erlaubst, dir zu schreiben.",
  "Channel": "Kanal",
  "Channel ID": "Kanal-ID",
  "In Slack: the name of the channel, at the very bottom of what opens. Invite the app to the channel.":
    "In Slack: auf den Namen des Kanals klicken, ganz unten in dem, was sich öffnet. Lade die App in den Kanal ein.",
  "From your Slack app: OAuth & Permissions, Bot User OAuth Token. The app needs the scope chat:write.":
    "Aus deiner Slack-App: OAuth & Permissions, Bot User OAuth Token. Die App braucht den Scope chat:write.",
  "Chat": "Chat",
  "Device": "Gerät",
  "Device key": "Geräteschlüssel",
  "Event name": "Name des Ereignisses",
  "From": "Von",
  "From @BotFather in Telegram: /newbot, then copy the token.": "Von @BotFather in Telegram: /newbot, dann das Token kopieren.",
  "From your Slack app: Incoming Webhooks, Add New Webhook to Workspace.": "Aus deiner Slack-App: Incoming Webhooks, Add New Webhook to Workspace.",
  "Homeserver": "Heimserver",
  "In Discord: channel settings, Integrations, Webhooks, New Webhook, Copy Webhook URL.":
    "In Discord: Kanaleinstellungen, Integrationen, Webhooks, Neuer Webhook, Webhook-URL kopieren.",
  "In Element: room settings, Advanced, Internal room ID.": "In Element: Raumeinstellungen, Erweitert, Interne Raum-ID.",
  "In Gotify: Apps, Create Application.": "In Gotify: Apps, Create Application.",
  "In Home Assistant: your profile, Security, Long-lived access tokens.": "In Home Assistant: dein Profil, Sicherheit, Langlebige Zugangstoken.",
  "In Mattermost: Integrations, Incoming Webhooks.": "In Mattermost: Integrationen, Eingehende Webhooks.",
  "In Meta's dashboard: WhatsApp, API Setup.": "In Metas Dashboard: WhatsApp, API-Einrichtung.",
  "In Plivo's console, on the first page.": "In Plivos Konsole, auf der ersten Seite.",
  "In Rocket.Chat: Administration, Integrations, New, Incoming.": "In Rocket.Chat: Administration, Integrationen, Neu, Eingehend.",
  "In Synology Chat: Integration, Incoming Webhooks.": "In Synology Chat: Integration, Eingehende Webhooks.",
  "In Teams: … beside the channel, Workflows, “Post to a channel when a webhook request is received”.":
    "In Teams: … neben dem Kanal, Workflows, „Bei Empfang einer Webhookanforderung in einem Kanal posten“.",
  "In Twilio's console, on the first page.": "In Twilios Konsole, auf der ersten Seite.",
  "In the space: Apps & integrations, Add webhooks.": "Im Gruppenbereich: Apps und Integrationen, Webhooks hinzufügen.",
  "Key": "Schlüssel",
  "Long-lived access token": "Langlebiges Zugangstoken",
  "Make an application at pushover.net, and copy its API token.": "Lege auf pushover.net eine Anwendung an und kopiere ihr API-Token.",
  "Notify service": "Benachrichtigungsdienst",
  "Number it sends from": "Nummer, von der gesendet wird",
  "Numbers, or groups (group.…), with commas between them.": "Nummern oder Gruppen (group.…), durch Kommas getrennt.",
  "Of Node-RED, and the URL that you gave to the “http in” node.": "Die von Node-RED und die URL, die du dem Knoten „http in“ gegeben hast.",
  "Of a device with several.": "Bei einem Gerät mit mehreren.",
  "Of an account that is in the room. In Element: all settings, Help & About, Access Token.":
    "Eines Kontos, das im Raum ist. In Element: Alle Einstellungen, Hilfe und Info, Zugriffstoken.",
  "Of the device.": "Die des Geräts.",
  "Of the trigger “Catch Hook”.": "Die des Auslösers „Catch Hook“.",
  "Of your Apprise API, /notify/, and the key of the configuration.": "Die deiner Apprise API, /notify/ und der Schlüssel der Konfiguration.",
  "Of your Gotify.": "Die deines Gotify.",
  "Of your Home Assistant.": "Die deines Home Assistant.",
  "Only one device, by its identifier.": "Nur ein Gerät, nach seiner Kennung.",
  "Only one of your devices, by its name.": "Nur eines deiner Geräte, nach seinem Namen.",
  "Only the services with this tag.": "Nur die Dienste mit diesem Tag.",
  "Only where Node-RED asks for one.": "Nur, wo Node-RED danach fragt.",
  "Only where the device asks for one.": "Nur, wo das Gerät danach fragt.",
  "Only where the topic is protected.": "Nur, wo das Thema geschützt ist.",
  "Output": "Ausgang",
  "Password": "Passwort",
  "Phone number ID": "Telefonnummer-ID",
  "Preset": "Preset",
  "Priority": "Priorität",
  "Recipient's number": "Nummer des Empfängers",
  "Recipients": "Empfänger",
  "Room ID": "Raum-ID",
  "SMS": "SMS",
  "Send it by": "Senden per",
  "Signing key": "Signaturschlüssel",
  "Switch it": "Schalten",
  "Tag": "Tag",
  "The address of your Home Assistant, /api/webhook/, and the webhook ID of the automation's trigger.":
    "Die Adresse deines Home Assistant, /api/webhook/ und die Webhook-ID des Auslösers der Automation.",
  "The app shows it in its addresses: https://api.day.app/KEY/…": "Die App zeigt ihn in ihren Adressen: https://api.day.app/SCHLÜSSEL/…",
  "The number of a preset of WLED.": "Die Nummer eines Presets von WLED.",
  "The number of a thread in that channel, if it should go there.": "Die Nummer eines Threads in diesem Kanal, falls es dorthin soll.",
  "The number of a topic, in a group that has topics.": "Die Nummer eines Themas, in einer Gruppe mit Themen.",
  "The production URL of the Webhook node, set to POST.": "Die Production URL des Webhook-Knotens, der auf POST steht.",
  "The skill sends it by e-mail when you enable it.": "Der Skill schickt ihn per E-Mail, wenn du ihn aktivierst.",
  "Thread": "Thread",
  "To": "An",
  "Topic": "Thema",
  "User": "Benutzer",
  "User key": "Benutzerschlüssel",
  "Webhook URL": "Webhook-URL",
  "WhatsApp": "WhatsApp",
  "Where your signal-cli-rest-api runs.": "Wo deine signal-cli-rest-api läuft.",
  "Whoever knows it reads along: choose one that nobody guesses.": "Wer es kennt, liest mit: Wähle eines, das niemand errät.",
  "With the country code.": "Mit Landesvorwahl.",
  "Workflow URL": "Workflow-URL",
  "Your homeserver.": "Dein Heimserver.",
  "Your number": "Deine Nummer",
  "Your number, which @userinfobot tells you; of a group a number that begins with -; of a channel @ and its name. Write to the bot first, or add it to the group.":
    "Deine Nummer, die @userinfobot dir sagt; bei einer Gruppe eine Nummer, die mit - beginnt; bei einem Kanal @ und sein Name. Schreib dem Bot zuerst oder füge ihn zur Gruppe hinzu.",
  "emergency": "Notfall",
  "high": "hoch",
  "moderate": "niedrig",
  "normal": "normal",
  "notify. and this name; persistent_notification shows it in Home Assistant itself.":
    "notify. und dieser Name; persistent_notification zeigt es in Home Assistant selbst.",
  "off": "aus",
  "the only one": "der einzige",
  "to the other side": "umschalten",
  "very low": "sehr niedrig",
  "whsec_ and base64; the same in your server. Left empty, make one in the editor under Signatures.":
    "whsec_ und Base64; derselbe wie in deinem Server. Bleibt er leer, erzeuge einen im Editor unter „Signieren“."
};

/** What is said of an answer that cannot be right: by the engine. */
export const otherwise = {
  "A chat is a number, or @ and the name of a channel.": "Ein Chat ist eine Nummer oder @ und der Name eines Kanals.",
  "A key begins with whsec_ or whsk_.": "Ein Schlüssel beginnt mit whsec_ oder whsk_.",
  "A key has 30 letters and digits.": "Ein Schlüssel hat 30 Buchstaben und Ziffern.",
  "A key has 40 digits and letters from a to f.": "Ein Schlüssel hat 40 Ziffern und Buchstaben von a bis f.",
  "A key has letters and digits.": "Ein Schlüssel besteht aus Buchstaben und Ziffern.",
  "A key has letters, digits, - and _.": "Ein Schlüssel besteht aus Buchstaben, Ziffern, - und _.",
  "A name has small letters, digits and _: mobile_app_my_phone.": "Ein Name besteht aus Kleinbuchstaben, Ziffern und _: mobile_app_mein_telefon.",
  "A preset has a number from 1 to 250.": "Ein Preset hat eine Nummer von 1 bis 250.",
  "A token begins with o. and has letters and digits.": "Ein Token beginnt mit o. und besteht aus Buchstaben und Ziffern.",
  "A token has 30 letters and digits.": "Ein Token hat 30 Buchstaben und Ziffern.",
  "A token has 32 letters and digits.": "Ein Token hat 32 Buchstaben und Ziffern.",
  "A token is a number, a colon, and 35 letters and digits, as @BotFather gives it.":
    "Ein Token ist eine Zahl, ein Doppelpunkt und 35 Buchstaben und Ziffern, wie @BotFather es ausgibt.",
  "The token of a bot begins with xoxb-.": "Das Token eines Bots beginnt mit xoxb-.",
  "The ID of a channel begins with C and has capital letters and digits; it is not its name.":
    "Die ID eines Kanals beginnt mit C und besteht aus Großbuchstaben und Ziffern; sie ist nicht sein Name.",
  "A token of an application begins with A and has 15 letters.": "Das Token einer Anwendung beginnt mit A und hat 15 Zeichen.",
  "A topic has letters, digits, _ and -, 64 at most.": "Ein Thema besteht aus höchstens 64 Buchstaben, Ziffern, _ und -.",
  "A webhook URL of Discord looks like https://discord.com/api/webhooks/NUMBER/KEY. Copy the whole of it.":
    "Eine Webhook-URL von Discord sieht so aus: https://discord.com/api/webhooks/NUMMER/SCHLÜSSEL. Kopiere sie vollständig.",
  "A webhook URL of Google Chat looks like https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…. Copy the whole of it.":
    "Eine Webhook-URL von Google Chat sieht so aus: https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…. Kopiere sie vollständig.",
  "A webhook URL of Mattermost looks like https://SERVER/hooks/KEY. Copy the whole of it.":
    "Eine Webhook-URL von Mattermost sieht so aus: https://SERVER/hooks/SCHLÜSSEL. Kopiere sie vollständig.",
  "A webhook URL of Rocket.Chat looks like https://SERVER/hooks/ID/KEY. Copy the whole of it.":
    "Eine Webhook-URL von Rocket.Chat sieht so aus: https://SERVER/hooks/ID/SCHLÜSSEL. Kopiere sie vollständig.",
  "A webhook URL of Slack looks like https://hooks.slack.com/services/T…/B…/KEY. Copy the whole of it.":
    "Eine Webhook-URL von Slack sieht so aus: https://hooks.slack.com/services/T…/B…/SCHLÜSSEL. Kopiere sie vollständig.",
  "A webhook URL of Synology Chat holds api=SYNO.Chat.External and ends with a token in quotation marks. Copy the whole of it.":
    "Eine Webhook-URL von Synology Chat enthält api=SYNO.Chat.External und endet mit einem Token in Anführungszeichen. Kopiere sie vollständig.",
  "A webhook URL of Zapier looks like https://hooks.zapier.com/hooks/catch/NUMBER/KEY/.":
    "Eine Webhook-URL von Zapier sieht so aus: https://hooks.zapier.com/hooks/catch/NUMMER/SCHLÜSSEL/.",
  "A webhook URL of n8n holds /webhook/.": "Eine Webhook-URL von n8n enthält /webhook/.",
  "An access code begins with nmac. or amzn1.": "Ein Zugangscode beginnt mit nmac. oder amzn1.",
  "An access token begins with tk_.": "Ein Zugriffstoken beginnt mit tk_.",
  "An account SID is AC and 32 letters and digits.": "Eine Account SID ist AC und 32 Buchstaben und Ziffern.",
  "An auth ID has 20 capital letters and digits.": "Eine Auth ID hat 20 Großbuchstaben und Ziffern.",
  "An event name has letters, digits and _.": "Ein Ereignisname besteht aus Buchstaben, Ziffern und _.",
  "An internal room ID begins with an exclamation mark.": "Eine interne Raum-ID beginnt mit einem Ausrufezeichen.",
  "It looks like http://SERVER:8000/notify/KEY.": "Sie sieht so aus: http://SERVER:8000/notify/SCHLÜSSEL.",
  "It looks like http://homeassistant.local:8123/api/webhook/ID.": "Sie sieht so aus: http://homeassistant.local:8123/api/webhook/ID.",
  "The ID is a long number; it is not the phone number.": "Die ID ist eine lange Zahl; sie ist nicht die Telefonnummer.",
  "The URL of a workflow holds /workflows/ and ends with sig= and a key. Copy the whole of it.":
    "Die URL eines Workflows enthält /workflows/ und endet mit sig= und einem Schlüssel. Kopiere sie vollständig.",
  "The key is a number.": "Der Schlüssel ist eine Zahl.",
  "The number of a thread has 17 to 20 digits: right-click it, Copy Thread ID.":
    "Die Nummer eines Threads hat 17 bis 20 Ziffern: Rechtsklick darauf, Thread-ID kopieren.",
  "Write it with the country code: +49…": "Mit Landesvorwahl schreiben: +49…"
};

const descriptions = {
  "A Signal message, by a signal-cli-rest-api of your own.": "Eine Signal-Nachricht über deine eigene signal-cli-rest-api.",
  "A WhatsApp message from a business number of your own at Meta.": "Eine WhatsApp-Nachricht von deiner eigenen Geschäftsnummer bei Meta.",
  "A WhatsApp message to yourself, by the free service CallMeBot.": "Eine WhatsApp-Nachricht an dich selbst über den kostenlosen Dienst CallMeBot.",
  "A card in a channel or a chat of Teams, by a workflow.": "Eine Karte in einem Kanal oder Chat von Teams, über einen Workflow.",
  "A message in a Matrix room, on whichever server.": "Eine Nachricht in einem Matrix-Raum, egal auf welchem Server.",
  "A message in a channel of Synology Chat on your NAS.": "Eine Nachricht in einem Kanal von Synology Chat auf deinem NAS.",
  "A message in a channel of your Discord server.": "Eine Nachricht in einem Kanal deines Discord-Servers.",
  "A message in a channel of your Mattermost server.": "Eine Nachricht in einem Kanal deines Mattermost-Servers.",
  "A message in a channel of your Rocket.Chat server.": "Eine Nachricht in einem Kanal deines Rocket.Chat-Servers.",
  "A message in a channel of your Slack workspace.": "Eine Nachricht in einem Kanal deines Slack-Workspace.",
  "A message in a space of Google Chat.": "Eine Nachricht in einem Gruppenbereich von Google Chat.",
  "A message of your own bot to you, a group, or a channel.": "Eine Nachricht deines eigenen Bots an dich, eine Gruppe oder einen Kanal.",
  "A note on all devices that are logged in to Pushbullet.": "Eine Notiz auf allen Geräten, die bei Pushbullet angemeldet sind.",
  "A notification on the phones that Home Assistant knows.": "Eine Benachrichtigung auf den Telefonen, die Home Assistant kennt.",
  "A notification on your Amazon Echo, by the skill Notify Me.": "Eine Benachrichtigung auf deinem Amazon Echo über den Skill Notify Me.",
  "A push message by a Gotify server of your own.": "Eine Push-Nachricht über deinen eigenen Gotify-Server.",
  "A push message by ntfy.sh or an ntfy server of your own.": "Eine Push-Nachricht über ntfy.sh oder deinen eigenen ntfy-Server.",
  "A push message on an iPhone, by Bark.": "Eine Push-Nachricht auf einem iPhone über Bark.",
  "A push message on an iPhone.": "Eine Push-Nachricht auf einem iPhone.",
  "A push message to your phone or desktop.": "Eine Push-Nachricht auf dein Telefon oder deinen Rechner.",
  "A text message (SMS) by Plivo.": "Eine SMS über Plivo.",
  "A text message (SMS), or one on WhatsApp, by Twilio.": "Eine SMS oder WhatsApp-Nachricht über Twilio.",
  "As a file below the message.": "Als Datei unter der Nachricht.",
  "As a file of a multipart form.": "Als Datei eines Multipart-Formulars.",
  "As a file of a multipart form: the node gives it as binary data.": "Als Datei eines Multipart-Formulars: Der Knoten liefert sie als Binärdaten.",
  "As a file of a multipart form: tick “Accept file uploads” in the node.": "Als Datei eines Multipart-Formulars: Kreuze im Knoten „Accept file uploads“ an.",
  "As a photo with the message below it.": "Als Foto mit der Nachricht darunter.",
  "As an attachment, where the service behind it takes one.": "Als Anhang, wo der Dienst dahinter einen annimmt.",
  "As an attachment.": "Als Anhang.",
  "As base64 text under the key picture.": "Als Base64-Text unter dem Schlüssel picture.",
  "At most 16 MB. The test URL works only while the editor waits for it.": "Höchstens 16 MB. Die Test-URL gilt nur, während der Editor darauf wartet.",
  "Attached to the message.": "An die Nachricht angehängt.",
  "Everything that is known at the moment of an event, to remove from and rearrange as you like. Fill in the URL of your receiver. For the webcam's picture take \"With picture\".":
    "Alles, was im Moment eines Ereignisses bekannt ist, zum Kürzen und Umstellen nach Belieben. Trage die URL deines Empfängers ein. Für das Bild der Webcam nimm „Mit Bild“.",
  "Everything that is known, signed as Standard Webhooks describes it, so that your server can tell who sent it.":
    "Alles, was bekannt ist, signiert nach Standard Webhooks, damit dein Server weiß, wer es geschickt hat.",
  "First asks an OAuth server for a token, then sends the event with it. Fill in both URLs, and your client id and client secret in the OAuth data. Every value of the server's answer can be used in headers and data: here it is @access_token.":
    "Fragt zuerst einen OAuth-Server nach einem Token und sendet das Ereignis dann damit. Trage beide URLs ein und in den OAuth-Daten Kennung und Geheimnis deines Clients. Jeder Wert aus der Antwort des Servers steht für Header und Daten bereit: hier ist es @access_token.",
  "Full data": "Alle Daten",
  "Home Assistant (notification)": "Home Assistant (Benachrichtigung)",
  "Home Assistant (webhook)": "Home Assistant (Webhook)",
  "Home Assistant answers 200 even where no automation listens.": "Home Assistant antwortet auch dann mit 200, wenn keine Automation zuhört.",
  "Not for devices with a password. It is switched as soon as the event happens: a printer may still have to cool.":
    "Nicht für Geräte mit Passwort. Geschaltet wird, sobald das Ereignis geschieht: Ein Drucker muss vielleicht noch abkühlen.",
  "One of about 150 services, by an Apprise API server of your own.": "Einer von etwa 150 Diensten über deinen eigenen Apprise-API-Server.",
  "Parts of values": "Teile von Werten",
  "Pictures are not sent: Matrix wants them uploaded first. Not for encrypted rooms. A repeated message appears once.":
    "Bilder werden nicht gesendet: Matrix will sie vorher hochgeladen haben. Nicht für verschlüsselte Räume. Eine wiederholte Nachricht erscheint nur einmal.",
  "A message of your own bot in a channel of your Slack workspace: one per print that changes, or a thread per print, which Slack's webhooks cannot have.":
    "Eine Nachricht deines eigenen Bots in einem Kanal deines Slack-Workspace: eine pro Druck, die sich ändert, oder ein Thread pro Druck, was Slacks Webhooks nicht können.",
  "Pictures are not sent: Slack wants them uploaded first. About one message a second.":
    "Bilder werden nicht gesendet: Slack will sie vorher hochgeladen haben. Etwa eine Nachricht pro Sekunde.",
  "Pictures are not sent: Pushbullet wants them uploaded first.": "Bilder werden nicht gesendet: Pushbullet will sie vorher hochgeladen haben.",
  "Sends the webcam's picture along. Fill in the URL of your receiver, which has to accept multipart/form-data: the picture is a file named snapshot.jpg in the field \"snapshot\". When the webcam gives no picture the rest is sent without it, so your receiver should not insist on it.":
    "Schickt das Bild der Webcam mit. Trage die URL deines Empfängers ein, der multipart/form-data annehmen muss: Das Bild ist eine Datei namens snapshot.jpg im Feld \"snapshot\". Liefert die Webcam kein Bild, wird der Rest ohne es gesendet; dein Empfänger sollte also nicht darauf bestehen.",
  "Shows how to send single parts of larger values, written with dots: @job.file.name is the name of the file. Fill in the URL of your receiver, and change the data to what you need.":
    "Zeigt, wie einzelne Teile größerer Werte gesendet werden, mit Punkten geschrieben: @job.file.name ist der Name der Datei. Trage die URL deines Empfängers ein und ändere die Daten, wie du sie brauchst.",
  "Simple": "Einfach",
  "Slack's webhooks take no pictures, and about one message a second.": "Slacks Webhooks nehmen keine Bilder an und etwa eine Nachricht pro Sekunde.",
  "Spoken: keep the messages short. The skill is there in English only.": "Wird vorgelesen: Halte die Nachrichten kurz. Den Skill gibt es nur auf Englisch.",
  "Starts a Zap.": "Startet einen Zap.",
  "Starts a flow in Node-RED, with everything that is known as msg.payload.": "Startet einen Flow in Node-RED, mit allem, was bekannt ist, als msg.payload.",
  "Starts a workflow.": "Startet einen Workflow.",
  "Starts an applet, with three values.": "Startet ein Applet, mit drei Werten.",
  "Starts an automation in Home Assistant, with everything that is known as trigger.json.":
    "Startet eine Automation in Home Assistant, mit allem, was bekannt ist, als trigger.json.",
  "Switches LEDs with WLED on or off, or to a preset.": "Schaltet LEDs mit WLED ein oder aus oder auf ein Preset.",
  "Switches a Shelly plug or relay of the second generation or later on or off.": "Schaltet eine Steckdose oder ein Relais von Shelly ab der zweiten Generation ein oder aus.",
  "Switches a plug or a lamp with Tasmota on or off.": "Schaltet eine Steckdose oder Lampe mit Tasmota ein oder aus.",
  "It is switched as soon as the event happens: a printer may still have to cool.":
    "Geschaltet wird, sobald das Ereignis geschieht: Ein Drucker muss vielleicht noch abkühlen.",
  "Takes no pictures this way.": "Nimmt auf diesem Weg keine Bilder an.",
  "Takes no pictures, and 1,000 messages an hour.": "Nimmt keine Bilder an und 1.000 Nachrichten pro Stunde.",
  "Takes no pictures, and about one message a second.": "Nimmt keine Bilder an und etwa eine Nachricht pro Sekunde.",
  "Takes no pictures.": "Nimmt keine Bilder an.",
  "Takes no pictures. A free service of one person: not for what must arrive.":
    "Nimmt keine Bilder an. Ein kostenloser Dienst eines Einzelnen: nicht für das, was ankommen muss.",
  "Takes no pictures. About 4 KB.": "Nimmt keine Bilder an. Etwa 4 KB.",
  "Takes no pictures. At most 28 KB.": "Nimmt keine Bilder an. Höchstens 28 KB.",
  "Takes no pictures. Webhooks need a paid plan.": "Nimmt keine Bilder an. Webhooks brauchen ein bezahltes Abo.",
  "Texts up to 1,024 characters, pictures up to 5 MB.": "Texte bis 1.024 Zeichen, Bilder bis 5 MB.",
  "Texts up to 1,600 characters. Takes no pictures. Each message costs.": "Texte bis 1.600 Zeichen. Nimmt keine Bilder an. Jede Nachricht kostet.",
  "Texts up to 2,000 characters, pictures up to 10 MB. Nobody is mentioned, whatever a file is called.":
    "Texte bis 2.000 Zeichen, Bilder bis 10 MB. Niemand wird erwähnt, wie auch immer eine Datei heißt.",
  "Texts up to 4,096 bytes. ntfy.sh takes 250 messages a day, and pictures up to 2 MB, which it keeps for three hours.":
    "Texte bis 4.096 Bytes. ntfy.sh nimmt 250 Nachrichten pro Tag an und Bilder bis 2 MB, die es drei Stunden lang aufhebt.",
  "Texts up to 4,096 characters, and only within a day after you wrote to the number last. Takes no pictures.":
    "Texte bis 4.096 Zeichen und nur innerhalb eines Tages, nachdem du der Nummer zuletzt geschrieben hast. Nimmt keine Bilder an.",
  "Texts up to 4,096 characters, below a picture 1,024.": "Texte bis 4.096 Zeichen, unter einem Bild 1.024.",
  "The five values that most receivers need: who sent it, what happened and the message. Fill in the URL of your receiver. The API secret and the device identifier are sent along; leave them empty or set them, so that your receiver can tell who is speaking.":
    "Die fünf Werte, die die meisten Empfänger brauchen: wer es geschickt hat, was geschehen ist und die Nachricht. Trage die URL deines Empfängers ein. API-Geheimnis und Gerätekennung werden mitgeschickt; lass sie leer oder setze sie, damit dein Empfänger weiß, wer spricht.",
  "The flow needs an “http response” node behind “http in”: without one nothing is ever answered, and each message is sent again and again.":
    "Der Flow braucht hinter „http in“ einen Knoten „http response“: Ohne ihn kommt nie eine Antwort, und jede Nachricht wird immer wieder gesendet.",
  "Webhooks take no pictures.": "Webhooks nehmen keine Bilder an.",
  "Webhooks take no pictures. What looks like Markdown in a name is shown as Markdown.":
    "Webhooks nehmen keine Bilder an. Was in einem Namen wie Markdown aussieht, wird als Markdown angezeigt.",
  "Which limits hold depends on the service behind it.": "Welche Grenzen gelten, hängt vom Dienst dahinter ab.",
  "With picture": "Mit Bild",
  "You run the server that sends it.": "Den Server, der sie sendet, betreibst du selbst.",
  "Your own server, signed": "Dein eigener Server, signiert"
};

export const services = {...topics, ...variables, ...asks, ...descriptions};

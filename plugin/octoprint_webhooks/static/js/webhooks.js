/*
 * Loads the page of this plugin into OctoPrint's settings, and connects the two.
 *
 * In: OctoPrint's view models. Out: the page's `mount(element, host)`, called when the settings are shown to a person who may see it, or
 * the tab to one who has no settings; for anybody else nothing is loaded. What the page needs of OctoPrint it gets from `host`, so that it runs elsewhere too.
 */
$(function () {
    const TAB = "#tab_plugin_webhooks";

    function WebhooksViewModel(parameters) {
        const self = this;
        self.loginState = parameters[0];
        self.access = parameters[1];

        /** What is missing of the engine: {reason, platform, command}, or {reason} alone; null while there is nothing to complain about. */
        self.missing = ko.observable(null);
        self.loading = ko.observable(false);

        let page = null;
        let opening = null;
        let shown = false;
        let saving = Promise.resolve(true);
        const subscribers = new Set();

        const can = (right) => self.loginState.hasPermission(self.access.permissions["PLUGIN_WEBHOOKS_" + right.toUpperCase()]);

        /** Who may see the page but not the settings finds it among OctoPrint's tabs. */
        self.isInTab = ko.pureComputed(() => can("view") && !self.loginState.hasPermission(self.access.permissions.SETTINGS));

        const address = (path) => OctoPrint.getBlueprintUrl("webhooks") + path.replace(/^\/+/, "");

        const request = (method, path, options) => {
            const settings = {dataType: "text", headers: Object.assign({}, (options || {}).headers)};
            if (options && options.body !== undefined) {
                settings.data = JSON.stringify(options.body);
                settings.contentType = "application/json; charset=UTF-8";
            }
            return new Promise((resolve) => {
                const answer = (xhr) =>
                    resolve({status: xhr.status, body: parsed(xhr.responseText), headers: (name) => xhr.getResponseHeader(name)});
                OctoPrint.ajax(method, address(path), settings).then(
                    (data, status, xhr) => answer(xhr),
                    (xhr) => answer(xhr)
                );
            });
        };

        const parsed = (text) => {
            if (!text) return null;
            try {
                return JSON.parse(text);
            } catch (e) {
                return text;
            }
        };

        const reauthenticate = () =>
            new Promise((resolve) => {
                const supported = self.loginState.credentialsRecheckSupported;
                if (supported !== undefined && !supported()) {
                    // Whoever logs in without a password cannot enter one again; the server decides.
                    resolve(true);
                    return;
                }
                self.loginState
                    .showReauthenticationDialog()
                    .done(() => resolve(true))
                    .fail(() => resolve(false));
            });

        const subscribe = (callback) => {
            subscribers.add(callback);
            return () => subscribers.delete(callback);
        };

        const host = {request, subscribe, can, language: LOCALE, gettext: (text) => gettext(text), reauthenticate, oldSettings: null, webcams: "/webcams"};

        const open = async () => {
            const answer = await request("GET", "native");
            if (!shown || !can("view")) return;
            const status = answer.body || {};
            if (answer.status !== 200 || !status.page_entry) {
                const [told] = (status.said || []).map(inWords);
                const reason = told || gettext("The webhooks could not be loaded. OctoPrint's log tells more.");
                self.missing(Object.assign({platform: null, command: null}, status.missing, {reason: reason}));
                return;
            }
            self.missing(null);
            host.oldSettings = status.old_settings ? "/old-settings" : null;
            const main = await import(OctoPrint.getBaseUrl() + address(status.page_entry));
            if (!shown || !can("view") || page !== null) return;
            page = main.mount(document.getElementById(self.isInTab() ? "webhooks_tab" : "webhooks_page"), host);
        };

        /** A sentence of the plugin's, with what stands in its places. */
        const inWords = (said) => _.sprintf(gettext(said.text), said.values);

        /** A sentence of the engine's, which speaks English; the pages' catalogues have it in other languages. */
        const inLanguage = async (sentence) => {
            if (/^en/.test(LOCALE)) return sentence;
            try {
                const status = (await request("GET", "native")).body;
                const texts = await import(OctoPrint.getBaseUrl() + address(status.page_entry.replace("main.js", "texts.js")));
                await texts.useLanguage(LOCALE, (text) => gettext(text));
                return texts.told(sentence);
            } catch (error) {
                return sentence;
            }
        };

        const openOnce = () => {
            if (page !== null || opening !== null || !can("view")) return;
            self.loading(true);
            opening = open()
                .catch((error) => {
                    log.error("The page of the webhooks could not be loaded:", error);
                    self.missing({reason: gettext("The page could not be loaded. Please reload OctoPrint."), platform: null, command: null});
                })
                .finally(() => {
                    opening = null;
                    self.loading(false);
                });
        };

        const close = () => {
            if (page === null) return;
            const closing = page;
            page = null;
            closing.unmount();
        };

        const closeUnlessDraft = () => {
            if (shown || page === null) return;
            if (!page.hasDraft()) {
                close();
                return;
            }
            new PNotify({
                title: gettext("Webhooks"),
                text: gettext("A webhook has changes that are not saved. They are kept: open the settings again to go on."),
                text_escape: true,
                title_escape: true,
                type: "notice"
            });
        };

        const appear = () => {
            shown = true;
            openOnce();
        };

        const vanish = () => {
            shown = false;
            saving.then(closeUnlessDraft, closeUnlessDraft);
        };

        self.onSettingsShown = appear;
        self.onSettingsHidden = vanish;

        self.onTabChange = (current, previous) => {
            if (current === TAB) appear();
            else if (previous === TAB) vanish();
        };

        self.onSettingsBeforeSave = () => {
            if (page !== null && page.hasDraft()) saving = Promise.resolve(page.saveDraft());
        };

        self.onSettingsPreventRefresh = () => page !== null && page.hasDraft();

        self.onUserLoggedIn = self.onUserPermissionsChanged = () => {
            if (!can("view")) close();
            else if (shown) openOnce();
        };

        self.onUserLoggedOut = () => {
            // Drafts may hold addresses and keys: they are for whoever typed them.
            if (page !== null && page.forget) page.forget();
            sessionStorage.removeItem("octoprint.plugins.webhooks.drafts");
            close();
        };

        self.onDataUpdaterPluginMessage = (plugin, data) => {
            if (plugin !== "webhooks") return;
            subscribers.forEach((callback) => callback(data));
            // The open page says it itself.
            if (data.type === "announcement" && (page === null || !shown) && can("view")) {
                inLanguage(data.message).then((text) => {
                    new PNotify({
                        title: gettext("Webhooks"),
                        text: text,
                        text_escape: true,
                        title_escape: true,
                        type: data.state === "sending" ? "success" : "notice",
                        hide: data.state === "sending"
                    });
                });
            }
        };

        const paragraphs = (sentences) => sentences.map((sentence) => "<p>" + _.escape(sentence) + "</p>").join("");

        /** Paragraphs of the engine's sentences: first as they came, then in the person's language. */
        const paragraphsInLanguage = (sentences) => {
            const html = ko.observable(paragraphs(sentences));
            Promise.all(sentences.map(inLanguage)).then((told) => html(paragraphs(told)));
            return html;
        };

        self.getAdditionalHealthCheckHandlers = () => ({
            webhooks_engine: (result, context) => ({
                title: gettext("Webhooks are not sent"),
                html: paragraphs(context.said.map(inWords)),
                result: result
            }),
            webhooks_delivery: (result, context) => ({
                title: gettext("Some webhooks are not sent"),
                html: paragraphsInLanguage(context.messages),
                result: result
            })
        });
    }

    OCTOPRINT_VIEWMODELS.push({
        construct: WebhooksViewModel,
        name: "webhooksViewModel",
        dependencies: ["loginStateViewModel", "accessViewModel"],
        elements: ["#settings_plugin_webhooks_link", "#settings_plugin_webhooks", TAB + "_link", TAB]
    });
});

/** Which services a search finds. Pure. */

/**
 * Those in which every word stands: in the name, the group, or what it is for; in any case of the letters, in English or as
 * `translate` says it.
 */
export function matching(services, text, translate = (same) => same) {
  const words = text.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== "");
  return services.filter(({key, name, group, description, groupName = ""}) => {
    const said = [name, description, translate(name), translate(description), group, groupName, key.replaceAll("_", " ")];
    const all = said.join(" ").toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** Whether a text is no search but an address: it has a scheme (https, tgram, ntfys, …), and no blank in it. */
export function looksLikeAddress(text) {
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text.trim());
}

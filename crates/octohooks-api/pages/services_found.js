/** Which services a search finds. Pure. */

/**
 * Those in which every word stands: in the name, the group, or what it is for; in any case of the letters, in English or as
 * `translate` says it.
 */
export function matching(services, text, translate = (same) => same) {
  const words = text.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== "");
  return services.filter(({key, name, group, description}) => {
    const all = [key.replaceAll("_", " "), name, group, description, translate(name), translate(description)].join(" ").toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}

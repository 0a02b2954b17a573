/** Which services a search finds. Pure. */

/** Those in which every word stands: in the name, the group, or what it is for; in any case of the letters. */
export function matching(services, text) {
  const words = text.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== "");
  return services.filter(({key, name, group, description}) => {
    const all = [key.replaceAll("_", " "), name, group, description].join(" ").toLocaleLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/**
 * A request as a command line of curl's, for a POSIX shell. Pure. What the engine covered stays covered: `••••` stands where a
 * secret has to be put in.
 */

const PICTURE = "snapshot.jpg";

/** Any text as one word of a shell's. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * `preview` is `{request, address, picture_body, whole}` as the API answers it. Null where curl cannot be told: a part of it is
 * missing, or the name of a part has a `=`, at which curl would end it.
 */
export function curlOf({request, address, picture_body: isPicture, whole}, {insecure = false} = {}) {
  const {method, headers, body, parts} = request;
  if (!whole || parts?.some(({name}) => name.includes("="))) {
    return null;
  }
  const words = ["curl"];
  if (insecure) {
    words.push("--insecure");
  }
  if (/[[\]{}]/.test(address)) {
    words.push("--globoff");
  }
  if (method !== "GET") {
    words.push(`--request ${method}`);
  }
  words.push(quoted(address));
  for (const [name, value] of headers) {
    // Curl makes the boundary between parts itself, and leaves out a header that ends with a colon.
    if (!(parts && name.toLowerCase() === "content-type")) {
      words.push(`--header ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
    }
  }
  if (parts) {
    words.push(...parts.map(({name, filename, content_type: type, text}) => (filename
      ? `--form ${quoted(`${name}=@${PICTURE};type=${type};filename=${filename}`)}`
      : `--form-string ${quoted(`${name}=${text}`)}`)));
  } else if (isPicture && method !== "GET") {
    words.push(`--data-binary ${quoted(`@${PICTURE}`)}`);
  } else if (body !== null && body !== undefined) {
    words.push(`--data-raw ${quoted(body)}`);
  }
  return words.join(" \\\n  ");
}

/** Whether something has to be put in before the command is of use. */
export const hasGaps = (command) => command.includes("••••");

/** Whether a file with a picture has to lie beside it. */
export const wantsPicture = (command) => command.includes(`@${PICTURE}`);

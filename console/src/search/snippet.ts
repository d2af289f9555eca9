/** The server marks hits between U+0002 and U+0003; this takes them apart so that they can be shown as elements. */
export type Piece = { text: string; isHit: boolean };

export function pieces(snippet: string): Piece[] {
  return snippet
    .split("\u0002")
    .flatMap((part, index) => {
      if (index === 0) return [{ text: part, isHit: false }];
      const [hit = "", rest = ""] = part.split("\u0003");
      return [{ text: hit, isHit: true }, { text: rest, isHit: false }];
    })
    .filter(({ text }) => text !== "");
}

package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.TextBuffer;

/** Cuts at the matches of a pattern. Each piece is searched as if it were alone. */
public final class RegexSplit implements PreTokenizer {
  private final Regex regex;
  private final SplitBehavior behavior;
  private final boolean invert;

  public RegexSplit(Regex regex, SplitBehavior behavior, boolean invert) {
    this.regex = regex;
    this.behavior = behavior;
    this.invert = invert;
  }

  @Override
  public void split(PreTokenizedText text) {
    byte[] bytes = text.text().bytes();
    Pieces pieces = text.pieces();
    SplitSink sink = SplitSink.acquire(behavior, invert, text.sparePieces());
    RegexMatcher matcher = Regex.matcher();
    for (int i = 0; i < pieces.count(); i++) {
      int start = pieces.start(i);
      int end = pieces.end(i);
      matcher.begin(regex, bytes, start, end);
      sink.begin();
      cut(matcher, bytes, start, end, sink);
      sink.end();
    }
    Regex.release(matcher);
    sink.release();
    text.swapPieces();
  }

  /** An empty match directly after the last match does not count, as in FindMatches of onig. */
  private static void cut(RegexMatcher matcher, byte[] bytes, int start, int end, SplitSink sink) {
    int[] match = sink.match;
    int done = start;
    int lastEnd = -1;
    int from = start;
    while (from <= end && matcher.find(from, match)) {
      if (match[0] == match[1] && match[1] == lastEnd) {
        from += from < end ? TextBuffer.sizeAt(bytes, from) : 1;
        continue;
      }
      if (done < match[0]) {
        sink.add(done, match[0], false);
      }
      sink.add(match[0], match[1], true);
      done = match[1];
      lastEnd = done;
      from = done;
    }
    if (done < end) {
      sink.add(done, end, false);
    }
  }
}

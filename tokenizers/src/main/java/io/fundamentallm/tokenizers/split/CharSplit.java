package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.text.TextBuffer;

/** Cuts at each character of a set. */
public final class CharSplit implements PreTokenizer {
  private final CharTable table;
  private final SplitBehavior behavior;
  private final boolean cuttable;

  private CharSplit(ImmutableRangeSet<Integer> set, SplitBehavior behavior, boolean cuttable) {
    table = new CharTable(set);
    this.behavior = behavior;
    this.cuttable = cuttable;
  }

  /** Cuts at a character and drops it. */
  public static CharSplit delimiter(int codePoint) {
    return new CharSplit(CodePoints.of(codePoint), SplitBehavior.REMOVED, false);
  }

  /** Sets numbers apart, or each of their digits; all of category N are digits. */
  public static CharSplit digits(boolean individual) {
    SplitBehavior behavior = individual ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS;
    return new CharSplit(CharProperties.numeric(), behavior, false);
  }

  /** Cuts at each punctuation character. */
  public static CharSplit punctuation(SplitBehavior behavior) {
    return new CharSplit(BertSplit.punctuation(), behavior, false);
  }

  /** Cuts at each white space character and drops it, so what is beyond does not matter. */
  public static CharSplit whiteSpace() {
    return new CharSplit(CharProperties.space(), SplitBehavior.REMOVED, true);
  }

  @Override
  public boolean cuttable() {
    return cuttable;
  }

  @Override
  public void split(PreTokenizedText text) {
    if (behavior == SplitBehavior.REMOVED) {
      text.cut(this::remove);
      return;
    }
    SplitSink sink = SplitSink.acquire(behavior, false, text.sparePieces());
    text.cut(
        (bytes, start, end, out) -> {
          sink.begin();
          cut(bytes, start, end, sink);
          sink.end();
        });
    sink.release();
  }

  private void remove(byte[] bytes, int start, int end, Pieces out) {
    int at = start;
    while (at < end) {
      int gap = table.skipOthers(bytes, at, end);
      out.add(at, gap);
      at = table.skip(bytes, gap, end);
    }
  }

  private void cut(byte[] bytes, int start, int end, SplitSink sink) {
    int at = start;
    while (at < end) {
      int gap = table.skipOthers(bytes, at, end);
      if (gap > at) {
        sink.add(at, gap, false);
      }
      at = gap;
      if (at < end) {
        int next = at + TextBuffer.sizeAt(bytes, at);
        sink.add(at, next, true);
        at = next;
      }
    }
  }
}

package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.text.TextBuffer;

/** Cuts at each character of a set. */
final class CharSplit implements PreTokenizer {
  private final CharTable table;
  private final SplitBehavior behavior;
  private final boolean cuttable;

  CharSplit(ImmutableRangeSet<Integer> set, SplitBehavior behavior) {
    this(set, behavior, false);
  }

  /**
   * A splitter.
   *
   * @param cuttable whether it cuts at each space, so that nothing depends on what is beyond it
   */
  CharSplit(ImmutableRangeSet<Integer> set, SplitBehavior behavior, boolean cuttable) {
    this.cuttable = cuttable;
    table = new CharTable(set);
    this.behavior = behavior;
  }

  @Override
  public boolean cuttable() {
    return cuttable;
  }

  @Override
  public void split(PreTokenizedText text) {
    Pieces pieces = text.pieces();
    Pieces out = text.sparePieces();
    byte[] bytes = text.text().bytes();
    if (behavior == SplitBehavior.REMOVED) {
      for (int i = 0; i < pieces.count(); i++) {
        remove(bytes, pieces.start(i), pieces.end(i), out);
      }
    } else {
      SplitSink sink = SplitSink.take(behavior, false, out);
      for (int i = 0; i < pieces.count(); i++) {
        sink.begin();
        cut(bytes, pieces.start(i), pieces.end(i), sink);
        sink.end();
      }
      sink.give();
    }
    text.swapPieces();
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

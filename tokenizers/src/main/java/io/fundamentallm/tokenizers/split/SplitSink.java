package io.fundamentallm.tokenizers.split;

import io.fundamentallm.tokenizers.text.ScratchPool;

/**
 * Takes the matches of a pattern and the gaps between them, in order, and turns them into pieces.
 * After NormalizedString::split in Hugging Face's normalizer.rs. One thread at a time.
 */
final class SplitSink {
  private static final ScratchPool<SplitSink> POOL = new ScratchPool<>(SplitSink::new);

  private SplitBehavior behavior = SplitBehavior.ISOLATED;
  private boolean invert;
  private Pieces out = new Pieces();

  /** A piece that may still grow. */
  private int openStart;

  private int openEnd;
  private boolean open;
  private boolean afterMatch;

  /** For matchers to write into. */
  final int[] match = new int[2];

  static SplitSink acquire(SplitBehavior behavior, boolean invert, Pieces out) {
    SplitSink sink = POOL.acquire();
    sink.behavior = behavior;
    sink.invert = invert;
    sink.out = out;
    return sink;
  }

  void release() {
    POOL.release(this);
  }

  /** Begins the next piece of the text. */
  void begin() {
    open = false;
    afterMatch = false;
  }

  /** The next part of it. */
  void add(int start, int end, boolean matches) {
    boolean match = matches != invert;
    switch (behavior) {
      case ISOLATED -> out.add(start, end);
      case REMOVED -> {
        if (!match) {
          out.add(start, end);
        }
      }
      case CONTIGUOUS -> grow(start, end, match == afterMatch);
      case MERGED_WITH_PREVIOUS -> grow(start, end, match && !afterMatch);
      case MERGED_WITH_NEXT -> grow(start, end, !match && afterMatch);
    }
    afterMatch = match;
  }

  private void grow(int start, int end, boolean joins) {
    if (open && joins) {
      openEnd = end;
    } else {
      end();
      openStart = start;
      openEnd = end;
      open = true;
    }
  }

  /** Ends the piece. */
  void end() {
    if (open) {
      out.add(openStart, openEnd);
      open = false;
    }
  }
}

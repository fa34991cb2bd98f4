package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.text.Vocabulary;

/**
 * Where documents end, told from the begin and end tokens that {@link
 * io.fundamentallm.training.TrainingData#ofDocuments} puts around each. A document goes up to and
 * with its end token, or up to the next begin token; one token that is both belongs to the two
 * documents that it stands between. Without such tokens everything is one document. Immutable.
 */
final class Documents {
  private static final int NONE = -1;

  private final int begin;
  private final int end;

  Documents(Vocabulary vocabulary) {
    begin = vocabulary.bos().orElse(NONE);
    end = vocabulary.eos().orElse(NONE);
  }

  /**
   * How many of {@code count} tokens, at least one, belong to the document that the first of them
   * is in.
   */
  int extent(int[] tokens, int offset, int count) {
    for (int i = 0; i < count; i++) {
      int token = tokens[offset + i];
      if (isLast(token, i == 0)) {
        return i + 1;
      }
      if (i > 0 && token == begin) {
        return i;
      }
    }
    return count;
  }

  /**
   * How far behind the first of {@code count} tokens, of which {@code extent} belong to its
   * document, the next window begins: with the next document, or with the last target, which is an
   * input now.
   */
  int step(int[] tokens, int offset, int count, int extent) {
    int token = tokens[offset + extent - 1];
    if (isLast(token, extent == 1)) {
      return token == begin ? extent - 1 : extent;
    }
    return extent < count ? extent : Math.max(1, count - 1);
  }

  private boolean isLast(int token, boolean first) {
    return token == end && !(first && token == begin);
  }
}

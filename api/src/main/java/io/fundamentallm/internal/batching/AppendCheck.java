package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ModelInfo;

/** Refuses an append that a model cannot take, before anything is computed. */
public final class AppendCheck {
  private AppendCheck() {}

  /**
   * Checks tokens, room and rows.
   *
   * @param index of the append in its batch, for error messages
   * @param length how many tokens the session holds
   * @throws IllegalArgumentException for a token or row that the model does not have
   * @throws IllegalStateException if the session has no room
   */
  public static void check(Append append, int index, int length, ModelInfo info) {
    int[] tokens = append.tokens();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= info.vocabularySize()) {
        throw new IllegalArgumentException(
            "append %d: token %d at index %d is outside the vocabulary [0, %d)"
                .formatted(index, tokens[i], i, info.vocabularySize()));
      }
    }
    if (tokens.length > info.contextLength() - length) {
      throw new IllegalStateException(
          "append %d: %d tokens do not fit: the session holds %d of %d"
              .formatted(index, tokens.length, length, info.contextLength()));
    }
    checkRows(append.logits(), info.vocabularySize(), "logits", index);
    if (append.hidden().length > 0 && !info.capabilities().contains(Capability.HIDDEN_STATES)) {
      throw new IllegalArgumentException("append " + index + ": this model gives no hidden states");
    }
    checkRows(append.hidden(), info.hiddenSize(), "hidden states", index);
  }

  private static void checkRows(float[][] rows, int size, String what, int index) {
    for (float[] row : rows) {
      if (row == null || row.length != size) {
        throw new IllegalArgumentException(
            "append %d: a row of %s %s, expected %d"
                .formatted(index, row == null ? "no" : row.length, what, size));
      }
    }
  }
}

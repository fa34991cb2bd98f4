package io.fundamentallm.runtime.gpu;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Refuses a bad batch before anything is computed. */
final class BatchCheck {
  private BatchCheck() {}

  static void check(List<Append> batch, LanguageModel model) {
    Set<Session> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Append append : batch) {
      Session session = append.session();
      if (!(session instanceof OnnxSession<?> own) || session.model() != model) {
        throw new IllegalArgumentException("a session of another model stands in the batch");
      }
      if (!seen.add(session)) {
        throw new IllegalArgumentException("a session stands twice in the batch");
      }
      own.requireOpen();
      check(append, own.length(), model.info());
    }
  }

  private static void check(Append append, int length, ModelInfo info) {
    int[] tokens = append.tokens();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= info.vocabularySize()) {
        throw new IllegalArgumentException(
            "token "
                + tokens[i]
                + " at index "
                + i
                + " is outside the vocabulary [0, "
                + info.vocabularySize()
                + ")");
      }
    }
    checkRows(append.logits(), "the logits of a vocabulary", info.vocabularySize());
    if (info.capabilities().contains(Capability.HIDDEN_STATES)) {
      checkRows(append.hidden(), "the hidden states of a size", info.hiddenSize());
    } else if (append.hidden().length > 0) {
      throw new IllegalArgumentException(
          "hidden states were asked for, which the graph does not give: it has no output hidden_states");
    }
    if (tokens.length > info.contextLength() - length) {
      throw new IllegalStateException(
          "no room for "
              + tokens.length
              + " tokens: the session holds "
              + length
              + " of at most "
              + info.contextLength());
    }
  }

  private static void checkRows(float[][] rows, String what, int width) {
    for (float[] row : rows) {
      if (row == null || row.length != width) {
        throw new IllegalArgumentException(
            "a row of "
                + (row == null ? "null" : row.length + " floats")
                + " for "
                + what
                + " of "
                + width);
      }
    }
  }
}

package io.fundamentallm;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Reads a sequence with one or more models side by side and shows the logits for each token. A
 * sequence longer than the smallest of their contexts is read in windows that advance by the
 * stride.
 */
final class ScoredRows {
  /** At most this many floats of logits are kept at a time: 16 MB. */
  private static final int MAX_LOGITS = 1 << 22;

  /** Receives the logits of some tokens, in order. */
  interface Visitor {
    /**
     * Some tokens.
     *
     * @param rows {@code [models][count][V]}; the logits in {@code rows[m][i]} are model m's for
     *     the token at {@code first + i}
     */
    void see(float[][][] rows, int first, int count);
  }

  private final LanguageModel[] models;
  private final int stride;
  private final int context;
  private final Cancellation cancellation;

  ScoredRows(int stride, Cancellation cancellation, LanguageModel... models) {
    this.models = models;
    this.stride = stride;
    this.cancellation = cancellation;
    int min = Integer.MAX_VALUE;
    for (LanguageModel model : models) {
      min = Math.min(min, model.info().contextLength());
    }
    context = min;
  }

  /** Checks the tokens, and puts {@link Tokenizer#beginToken()} before them. */
  static int[] withBegin(Tokenizer tokenizer, int[] tokens, int vocabularySize) {
    checked(tokens, vocabularySize);
    OptionalInt begin = tokenizer.beginToken();
    return begin.isEmpty() || (tokens.length > 0 && tokens[0] == begin.getAsInt())
        ? tokens
        : BeginToken.prepend(begin.getAsInt(), tokens);
  }

  /** Refuses tokens that are outside the vocabulary. */
  static int[] checked(int[] tokens, int vocabularySize) {
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            "token "
                + tokens[i]
                + " at index "
                + i
                + " is outside the vocabulary [0, "
                + vocabularySize
                + ")");
      }
    }
    return tokens;
  }

  static int checkStride(int stride, int context) {
    if (stride < 1 || stride > context) {
      throw new IllegalArgumentException("stride " + stride + " is not in [1, " + context + "]");
    }
    return stride;
  }

  /** Shows the logits of every token but the first, which has nothing before it. */
  void read(int[] sequence, Visitor visitor) {
    for (int from = 1; from < sequence.length; ) {
      int to = Math.min(sequence.length, from + (from == 1 ? context : stride));
      window(sequence, Math.max(0, to - 1 - context), from, to, visitor);
      from = to;
    }
  }

  /** Shows the tokens in [from, to), with those from start on before them. */
  private void window(int[] sequence, int start, int from, int to, Visitor visitor) {
    int vocabularySize = models[0].info().vocabularySize();
    int max = Math.max(1, MAX_LOGITS / (vocabularySize * models.length));
    float[][][] rows = new float[models.length][Math.min(max, to - from)][vocabularySize];
    List<Session> sessions = new ArrayList<>();
    try {
      for (LanguageModel model : models) {
        sessions.add(model.open());
      }
      int read = start;
      for (int next = from; next < to; ) {
        int count = Math.min(to - next, rows[0].length);
        // the row after input i scores token i + 1
        int[] inputs = Arrays.copyOfRange(sequence, read, next + count - 1);
        for (int m = 0; m < models.length; m++) {
          float[][] used = count == rows[m].length ? rows[m] : Arrays.copyOf(rows[m], count);
          models[m].forward(List.of(Append.of(sessions.get(m), inputs, used)), cancellation);
        }
        visitor.see(rows, next, count);
        read = next + count - 1;
        next += count;
      }
    } finally {
      sessions.forEach(Session::close);
    }
  }
}

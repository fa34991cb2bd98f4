package io.fundamentallm.evaluation;

import io.fundamentallm.decoding.RowStatistics;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The log-likelihood of continuations after a context. The cut between the two, and of what is
 * longer than the model's context, are the harness's.
 */
final class ContinuationScorer {
  /** At most this many floats of logits are kept at a time: 16 MB. */
  private static final int MAX_LOGITS = 1 << 22;

  /** At most this many sequences are read side by side, each with a session. */
  private static final int MAX_SEQUENCES = 64;

  private final TaskTokens tokens;
  private final LanguageModel model;
  private final Cancellation cancellation;
  private final List<float[]> rows = new ArrayList<>();

  ContinuationScorer(Tokenizer tokenizer, LanguageModel model, Cancellation cancellation) {
    this.tokens = new TaskTokens(tokenizer);
    this.model = model;
    this.cancellation = cancellation;
  }

  /**
   * A sequence that ends with a continuation.
   *
   * @param tokens the context, as much as fits, and the continuation
   * @param first the index of the continuation's first token that has a probability
   */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared
  private record Sequence(int[] tokens, int first) {}

  /**
   * The natural logarithms of the continuations' probabilities.
   *
   * @throws IllegalArgumentException for a continuation without a token, or with more than the
   *     model's context
   */
  double[] logLikelihoods(String context, List<String> continuations) {
    double[] all = new double[continuations.size()];
    int most = Math.max(1, Math.min(MAX_SEQUENCES, MAX_LOGITS / model.info().vocabularySize()));
    for (int from = 0; from < all.length; from += most) {
      List<Sequence> sequences = new ArrayList<>();
      for (String continuation : continuations.subList(from, Math.min(from + most, all.length))) {
        sequences.add(sequence(context, continuation));
      }
      double[] sums = new double[sequences.size()];
      try (Readings readings = new Readings(sequences, shared(sequences))) {
        readings.read(sums);
      }
      System.arraycopy(sums, 0, all, from, sums.length);
    }
    return all;
  }

  private Sequence sequence(String context, String continuation) {
    TaskTokens.Pair pair = tokens.pair(context, continuation);
    int length = pair.tokens().length;
    int scored = length - pair.contextLength();
    int max = model.info().contextLength();
    if (scored == 0) {
      throw new IllegalArgumentException(
          "\"" + continuation + "\" adds no token to what is before it, so it has no probability");
    }
    if (scored > max) {
      throw new IllegalArgumentException(
          "an answer has " + scored + " tokens, more than the model's context of " + max);
    }
    // the last token is predicted, not read
    int cut = Math.max(0, length - (max + 1));
    int first = pair.contextLength() - cut;
    return new Sequence(Arrays.copyOfRange(pair.tokens(), cut, length), Math.max(1, first));
  }

  /** How many tokens all sequences begin with, none of which has to show its logits. */
  private static int shared(List<Sequence> sequences) {
    int[] first = sequences.get(0).tokens;
    int shared = first.length;
    for (Sequence sequence : sequences) {
      int same = Arrays.mismatch(first, sequence.tokens);
      shared = Math.min(shared, same < 0 ? first.length : same);
      shared = Math.min(shared, sequence.first - 1);
    }
    return shared;
  }

  /** The sequences side by side. What they share is read once. */
  private final class Readings implements AutoCloseable {
    private final List<Sequence> sequences;
    private final List<Session> sessions = new ArrayList<>();
    private final int[] read;
    private final int[] next;

    Readings(List<Sequence> sequences, int shared) {
      this.sequences = sequences;
      read = new int[sequences.size()];
      next = new int[sequences.size()];
      try (Session beginning = model.open()) {
        if (shared > 0) {
          int[] same = Arrays.copyOf(sequences.get(0).tokens, shared);
          model.forward(List.of(Append.of(beginning, same)), cancellation);
        }
        for (int i = 0; i < read.length; i++) {
          sessions.add(beginning.fork());
          read[i] = shared;
          next[i] = sequences.get(i).first;
        }
      } catch (RuntimeException | Error e) {
        close();
        throw e;
      }
    }

    void read(double[] sums) {
      int each = Math.max(1, MAX_LOGITS / model.info().vocabularySize() / read.length);
      while (pass(each, sums)) {
        // until every sequence is read
      }
    }

    /** Reads some of each sequence that is not at its end; false if there is none. */
    private boolean pass(int each, double[] sums) {
      List<Append> batch = new ArrayList<>();
      List<Integer> owners = new ArrayList<>();
      int row = 0;
      for (int i = 0; i < read.length; i++) {
        int[] all = sequences.get(i).tokens;
        int count = Math.min(each, all.length - next[i]);
        if (count > 0) {
          float[][] own = new float[count][];
          for (int j = 0; j < count; j++) {
            own[j] = row(row++);
          }
          // the row after a token scores the one behind it
          int to = next[i] + count - 1;
          batch.add(Append.of(sessions.get(i), Arrays.copyOfRange(all, read[i], to), own));
          owners.add(i);
          read[i] = to;
        }
      }
      if (batch.isEmpty()) {
        return false;
      }
      model.forward(batch, cancellation);
      for (int b = 0; b < batch.size(); b++) {
        int i = owners.get(b);
        for (float[] logits : batch.get(b).logits()) {
          int token = sequences.get(i).tokens[next[i]];
          sums[i] += RowStatistics.of(logits, token, 0, next[i]).logProbability();
          next[i]++;
        }
      }
      return true;
    }

    @Override
    public void close() {
      sessions.forEach(Session::close);
    }
  }

  /** One for each index from 0 on, asked for in order. */
  private float[] row(int index) {
    if (index == rows.size()) {
      rows.add(new float[model.info().vocabularySize()]);
    }
    return rows.get(index);
  }
}

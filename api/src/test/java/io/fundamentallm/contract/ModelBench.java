package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A model for each test, and the plain ways to ask it that tests compare with. */
abstract class ModelBench {
  /** The model of this test. */
  LanguageModel model;

  @BeforeEach
  void openModel() throws IOException {
    model = model();
  }

  @AfterEach
  void closeModel() {
    if (model != null) { // null if opening it failed, which is then the only error to read
      model.close();
    }
  }

  /** Opens the model under test; called for each test, which closes it. */
  protected abstract LanguageModel model() throws IOException;

  /**
   * How far logits that must be equal up to rounding may lie apart, relative to the largest of
   * their row.
   */
  protected double tolerance() {
    return 1e-5;
  }

  /**
   * Whether results are the same to the last bit however tokens are batched, forked and chunked;
   * false where kernels round differently for other shapes.
   */
  protected boolean exact() {
    return true;
  }

  /** The longest sequence that tests use; lower where a pass is slow. */
  protected int longest() {
    return 64;
  }

  /** T: the length of a sequence that fits. */
  int max() {
    return Math.min(longest(), model.info().contextLength());
  }

  boolean can(Capability capability) {
    return model.info().capabilities().contains(capability);
  }

  int[] tokens(int count, long seed) {
    return new Random(seed).ints(count, 0, model.info().vocabularySize()).toArray();
  }

  /** With NaN in every entry, which no pass may leave. */
  float[][] rows(int count) {
    float[][] rows = new float[count][model.info().vocabularySize()];
    for (float[] row : rows) {
      Arrays.fill(row, Float.NaN);
    }
    return rows;
  }

  Append append(Session session, int[] tokens, float[]... logits) {
    return Append.of(session, tokens, logits);
  }

  void forward(Append... batch) {
    model.forward(List.of(batch), Cancellation.none());
  }

  /** Logits [T][V] of all tokens, in one pass over a new session. */
  float[][] whole(int... tokens) {
    float[][] rows = rows(tokens.length);
    try (Session session = model.open()) {
      forward(append(session, tokens, rows));
    }
    return rows;
  }

  /** Logits [V] after the last token, computed from the beginning. */
  float[] recomputed(int... tokens) {
    float[][] row = rows(1);
    try (Session session = model.open()) {
      forward(append(session, tokens, row));
    }
    return row[0];
  }

  /** Logits [V] after this token, at the end of the session. */
  float[] next(Session session, int token) {
    float[][] row = rows(1);
    forward(append(session, new int[] {token}, row));
    return row[0];
  }

  Session opened(int... tokens) {
    Session session = model.open();
    if (tokens.length > 0) {
      forward(append(session, tokens));
    }
    return session;
  }

  static int[] first(int[] tokens, int count) {
    return Arrays.copyOf(tokens, count);
  }

  static int[] with(int[] tokens, int token) {
    int[] all = Arrays.copyOf(tokens, tokens.length + 1);
    all[tokens.length] = token;
    return all;
  }

  /** That a session still holds exactly these tokens; appends one. */
  void assertHolds(Session session, int... tokens) {
    assertThat(session.length()).isEqualTo(tokens.length);
    assertThat(session.remaining()).isEqualTo(model.info().contextLength() - tokens.length);
    if (session.remaining() > 0) {
      assertClose(next(session, 0), recomputed(with(tokens, 0)), "after what the session holds");
    }
  }

  /** Equal to the last bit where the model promises it. */
  void assertSame(float[] actual, float[] expected, String what) {
    if (exact()) {
      assertThat(actual).as(what).isEqualTo(expected);
    } else {
      assertClose(actual, expected, what);
    }
  }

  void assertClose(float[] actual, float[] expected, String what) {
    double scale = 1;
    for (float value : expected) {
      if (Float.isNaN(value)) {
        throw new AssertionError(what + ": the logits are NaN");
      }
      scale = Float.isInfinite(value) ? scale : Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      if (actual[i] != expected[i] && !(Math.abs(actual[i] - expected[i]) <= tolerance() * scale)) {
        throw new AssertionError(
            what + ": [" + i + "] is " + actual[i] + ", expected " + expected[i]);
      }
    }
  }
}

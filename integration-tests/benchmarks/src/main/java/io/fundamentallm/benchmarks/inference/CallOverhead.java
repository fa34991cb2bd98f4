package io.fundamentallm.benchmarks.inference;

import ai.onnxruntime.OrtException;
import io.fundamentallm.benchmarks.inference.direct.DirectSequence;
import io.fundamentallm.benchmarks.inference.direct.FedBack;
import io.fundamentallm.benchmarks.inference.direct.SharedBuffer;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the runtime adds to ONNX Runtime: its session beside a loop written by hand, on the same
 * file. The loop takes part twice, each time with a model loaded for itself, so that one sees what
 * two loads of the same differ by. It has all its room from the beginning; our session is a new one
 * in each turn and makes room as it grows.
 */
final class CallOverhead {
  private static final String OURS = "ours";
  private static final String DIRECT = "direct";
  private static final String AGAIN = "direct again";
  private static final int PROMPT = 8;
  private static final int DECODED = 256;

  private final OnnxTrial trial;

  private CallOverhead(OnnxTrial trial) {
    this.trial = trial;
  }

  /** Appends tokens and fills the row with the logits after the last. */
  private interface Sequence {
    void append(int[] tokens, float[] row);
  }

  /** What one turn decoded, the logits before the last token, and the seconds for each token. */
  @SuppressWarnings("ArrayRecordComponent") // handed out once, never compared
  private record Decoded(int[] tokens, float[] logits, double seconds) {}

  static void measure(OnnxTrial trial) throws IOException {
    new CallOverhead(trial).measure();
  }

  private void measure() throws IOException {
    try (LanguageModel model = trial.load();
        DirectSequence direct = direct();
        DirectSequence again = direct()) {
      Decoded ours = ours(model);
      Decoded expected = direct(direct);
      Rotation rotation = new Rotation();
      rotation.add(OURS, () -> ours(model).seconds);
      rotation.add(DIRECT, () -> direct(direct).seconds);
      rotation.add(AGAIN, () -> direct(again).seconds);
      trial.run(rotation);
      trial.printHeading("overhead", model);
      printAgreement(ours, expected);
      print(rotation);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private DirectSequence direct() throws OrtException {
    int longest = PROMPT + DECODED;
    return trial.form() == ExportForm.ATTENTION
        ? new FedBack(trial.directory(), trial.shape(), longest, trial.threads())
        : new SharedBuffer(trial.directory(), trial.shape(), longest, trial.threads());
  }

  private Decoded ours(LanguageModel model) {
    try (Session session = model.open()) {
      return decode(session::append);
    }
  }

  private Decoded direct(DirectSequence sequence) {
    sequence.clear();
    return decode(sequence::append);
  }

  /** The same work for all; the tokens of the prompt, and the first after it, are not timed. */
  private Decoded decode(Sequence sequence) {
    float[] logits = new float[trial.shape().vocabulary()];
    int[] chosen = new int[DECODED];
    int[] next = new int[1];
    sequence.append(Prompts.random(trial.shape(), PROMPT, 0), logits);
    chosen[0] = Greedy.choose(logits);
    long start = System.nanoTime();
    for (int i = 1; i < DECODED; i++) {
      next[0] = chosen[i - 1];
      sequence.append(next, logits);
      chosen[i] = Greedy.choose(logits);
    }
    return new Decoded(chosen, logits, (System.nanoTime() - start) * 1e-9 / (DECODED - 1));
  }

  /** To see that both compute the same. */
  private static void printAgreement(Decoded ours, Decoded direct) {
    int other = Arrays.mismatch(ours.tokens, direct.tokens);
    if (other >= 0) {
      System.out.println("  both choose the same " + other + " tokens, then others");
      return;
    }
    float furthest = 0;
    for (int i = 0; i < ours.logits.length; i++) {
      furthest = Math.max(furthest, Math.abs(ours.logits[i] - direct.logits[i]));
    }
    System.out.printf(
        Locale.ROOT,
        "  both choose the same %d tokens, the last by logits that differ by %.1e at most%n",
        DECODED,
        furthest);
  }

  private void print(Rotation rotation) {
    for (String name : rotation.names()) {
      Figure.add(trial.form().toString(), name, rotation.median(name) * 1e3);
      System.out.printf(
          Locale.ROOT,
          "  %-12s %8.4f ms a token  best %8.4f  %+5.1f %% beside %s%n",
          name,
          rotation.median(name) * 1e3,
          rotation.minimum(name) * 1e3,
          100 * (rotation.medianRatio(name, DIRECT) - 1),
          DIRECT);
    }
  }
}

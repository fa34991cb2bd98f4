package io.fundamentallm.benchmarks.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fundamentallm.benchmarks.models.Shape;
import java.nio.file.Path;

/** ONNX Runtime on its own CPU kernels. */
final class OnnxEngine implements Engine {
  /** The tokens of a sequence must fit: 512 of a prompt, or 256 after a short one. */
  private static final int LONGEST = 640;

  private final OrtSession session;
  private final Shape shape;
  private final OnnxSequences single;

  private OnnxEngine(OrtSession session, Shape shape) throws OrtException {
    this.session = session;
    this.shape = shape;
    this.single = new OnnxSequences(session, shape, 1, LONGEST);
  }

  /** Loads the {@code model.onnx} of a directory. */
  static OnnxEngine open(Path directory, Shape shape, int threads) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      for (String entry : System.getProperty("onnx.config", "").split(",", 0)) {
        if (!entry.isEmpty()) {
          options.addConfigEntry(entry.split("=", 2)[0], entry.split("=", 2)[1]);
        }
      }
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      String file = directory.resolve("model.onnx").toString();
      return new OnnxEngine(environment.createSession(file, options), shape);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public double prefill(int[] prompt) {
    float[] logits = new float[shape.vocabulary()];
    int[][] tokens = {prompt};
    try {
      single.clear();
      long start = System.nanoTime();
      single.append(tokens);
      single.logits(0, logits);
      Greedy.choose(logits);
      return (System.nanoTime() - start) * 1e-9;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public double decode(int[] prompt, int tokens) {
    return decode(single, new int[][] {prompt}, tokens);
  }

  @Override
  public double decode(int[][] prompts, int tokens) {
    try (OnnxSequences many =
        new OnnxSequences(session, shape, prompts.length, prompts[0].length + tokens)) {
      return decode(many, prompts, tokens);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private double decode(OnnxSequences sequences, int[][] prompts, int tokens) {
    float[] logits = new float[shape.vocabulary()];
    int[][] next = new int[prompts.length][1];
    try {
      sequences.clear();
      sequences.append(prompts);
      choose(sequences, logits, next);
      long start = System.nanoTime();
      for (int i = 1; i < tokens; i++) {
        sequences.append(next);
        choose(sequences, logits, next);
      }
      return (System.nanoTime() - start) * 1e-9 / (tokens - 1) / prompts.length;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void choose(OnnxSequences sequences, float[] logits, int[][] next) {
    for (int sequence = 0; sequence < next.length; sequence++) {
      sequences.logits(sequence, logits);
      next[sequence][0] = Greedy.choose(logits);
    }
  }

  @Override
  public int[] continuation(int[] prompt, int tokens) {
    float[] logits = new float[shape.vocabulary()];
    int[] chosen = new int[tokens];
    try {
      single.clear();
      // One by one, so that the way of decoding is compared with others' way of reading a prompt.
      for (int token : prompt) {
        single.append(new int[][] {{token}});
      }
      for (int i = 0; i < tokens; i++) {
        single.logits(0, logits);
        chosen[i] = Greedy.choose(logits);
        single.append(new int[][] {{chosen[i]}});
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    return chosen;
  }

  @Override
  public void close() {
    single.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}

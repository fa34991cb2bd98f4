package io.fundamentallm.decoding;

import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stage sees of one step: the scores of the token to be chosen and what came before. Made
 * once per sequence and reused; valid only during the call it is passed to. One thread at a time.
 */
public final class Step {
  private final ModelInfo model;
  private final History history;
  private final Randomness randomness;
  private final Logits logits;
  private @Nullable List<StageTrace> trace;

  /** A step of the sequence with this history. */
  public Step(ModelInfo model, History history, Randomness randomness) {
    this.model = model;
    this.history = history;
    this.randomness = randomness;
    this.logits = new Logits(model.vocabularySize());
  }

  /**
   * Takes the model's logits for the token after the history.
   *
   * @param row vocabularySize floats; stages write into them
   * @return this
   */
  public Step reset(float[] row) {
    logits.reset(row, history.length());
    return this;
  }

  /** From now on, stages record what they did; see {@link #takeTrace()}. */
  public void startTracing() {
    trace = new ArrayList<>();
  }

  /** Whether the caller of a stage should {@link #trace} it. */
  public boolean isTracing() {
    return trace != null;
  }

  /** Records what a stage did; has no effect unless {@link #isTracing()}. */
  public void trace(StageTrace stage) {
    if (trace != null) {
      trace.add(stage);
    }
  }

  /** What stages did since the last call, in their order; none unless {@link #isTracing()}. */
  public List<StageTrace> takeTrace() {
    if (trace == null || trace.isEmpty()) {
      return List.of();
    }
    List<StageTrace> taken = List.copyOf(trace);
    trace.clear();
    return taken;
  }

  /** The model that gave the scores. */
  public ModelInfo model() {
    return model;
  }

  /** The tokens before the one to be chosen. */
  public History history() {
    return history;
  }

  /** The scores. */
  public Logits logits() {
    return logits;
  }

  /** The index in the history of the token to be chosen. */
  public long position() {
    return history.length();
  }

  /** Random numbers of this sequence. */
  public Randomness randomness() {
    return randomness;
  }

  /** A number in {@code [0, 1)} for this position; see {@link Randomness#uniform}. */
  public double uniform(long purpose) {
    return randomness.uniform(position(), purpose);
  }
}

package io.fundamentallm.internal.batching;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** See {@link io.fundamentallm.LanguageModels#guided}. */
public final class GuidedModel implements LanguageModel {
  private final LanguageModel model;
  private final int[] negativePrompt;
  private final double scale;
  private final ModelInfo info;

  public GuidedModel(LanguageModel model, int[] negativePrompt, double scale) {
    this.model = requireNonNull(model, "model");
    this.negativePrompt = negativePrompt.clone();
    this.scale = scale;
    // forks do share, but a session's next logits depend on where its prompt ended, not on its
    // tokens alone: it is not the beginning of another prompt, and a prefix cache must not use it
    // as one
    this.info =
        model.info().toBuilder()
            .capabilities(
                model.info().capabilities().stream()
                    .filter(capability -> capability != Capability.EVICT)
                    .filter(capability -> capability != Capability.SHARED_FORK)
                    .filter(capability -> capability != Capability.SAVE)
                    .filter(capability -> capability != Capability.RECLAIM)
                    .toArray(Capability[]::new))
            .build();
    if (negativePrompt.length == 0) {
      throw new IllegalArgumentException("the negative prompt has no token");
    }
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException("the scale of guidance is " + scale);
    }
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    return guided(model.open(), model::open, 0);
  }

  /** A session made of two; the first is closed if the second cannot be made. */
  private Guided guided(Session inner, Supplier<Session> negative, int promptLength) {
    Guided guided = null;
    try {
      guided = new Guided(inner, negative.get(), promptLength);
      return guided;
    } finally {
      if (guided == null) {
        inner.close();
      }
    }
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    List<Append> both = new ArrayList<>(2 * batch.size());
    List<float[][]> unconditional = new ArrayList<>(batch.size());
    for (Append append : batch) {
      Guided session = guidedSession(append.session());
      // the prompt ends with the first append that asks for logits, so it may come in chunks; of
      // that append only the last row has a counterpart
      boolean prompt = session.isInPrompt();
      int rows = prompt ? Math.min(1, append.logits().length) : append.logits().length;
      float[][] logits = new float[rows][info().vocabularySize()];
      unconditional.add(logits);
      both.add(session.inside(append));
      if (!prompt || rows > 0) {
        int[] tokens = prompt ? negativePrompt : append.tokens();
        both.add(Append.of(session.negative, tokens, logits));
      }
    }
    model.forward(both, cancellation); // all or nothing, so the two sessions stay in step
    for (int i = 0; i < batch.size(); i++) {
      Append append = batch.get(i);
      guidedSession(append.session()).appended();
      float[][] logits = unconditional.get(i);
      int skipped = append.logits().length - logits.length;
      for (int row = 0; row < logits.length; row++) {
        guide(append.logits()[skipped + row], logits[row], scale);
      }
    }
  }

  private Guided guidedSession(Session session) {
    if (!(session instanceof Guided guided) || guided.model() != this) {
      throw new IllegalArgumentException("the session belongs to another model");
    }
    return guided;
  }

  /** log p(u) + scale (log p(c) - log p(u)), where c are the logits to replace. */
  public static void guide(float[] c, float[] u, double scale) {
    if (scale == 1) {
      return; // log p(c) is c up to a constant
    }
    double logTotalC = logTotal(c);
    double logTotalU = logTotal(u);
    for (int i = 0; i < c.length; i++) {
      double conditional = c[i] - logTotalC;
      double unconditional = u[i] - logTotalU;
      if (conditional != Double.NEGATIVE_INFINITY) { // an impossible token stays impossible
        c[i] =
            unconditional == Double.NEGATIVE_INFINITY
                ? (float) conditional
                : (float) (unconditional + scale * (conditional - unconditional));
      }
    }
  }

  private static double logTotal(float[] row) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (float logit : row) {
      maximum = Math.max(maximum, logit);
    }
    double total = 0;
    for (float logit : row) {
      total += Exp.exp(logit - maximum);
    }
    return maximum + StrictMath.log(total);
  }

  @Override
  public void close() {
    model.close();
  }

  private final class Guided extends OuterSession {
    private final Session negative;

    /** How many of the first tokens correspond to the negative prompt. */
    private int promptLength;

    Guided(Session inner, Session negative, int promptLength) {
      super(inner);
      this.negative = negative;
      this.promptLength = promptLength;
    }

    boolean isInPrompt() {
      return negative.length() == 0;
    }

    void appended() {
      if (promptLength == 0 && !isInPrompt()) {
        promptLength = inner.length();
      }
    }

    @Override
    public LanguageModel model() {
      return GuidedModel.this;
    }

    @Override
    public int remaining() {
      return isInPrompt() ? inner.remaining() : Math.min(inner.remaining(), negative.remaining());
    }

    @Override
    public Session fork() {
      return guided(inner.fork(), negative::fork, promptLength);
    }

    @Override
    public void truncate(int length) {
      inner.truncate(length);
      if (length < promptLength) {
        negative.truncate(0); // the next append ends the prompt anew
        promptLength = 0;
      } else if (!isInPrompt()) {
        negative.truncate(negativePrompt.length + length - promptLength);
      }
    }

    @Override
    public void evict(int from, int to) {
      throw new UnsupportedOperationException("a guided session cannot evict tokens");
    }

    @Override
    public long bytes() {
      return inner.bytes() < 0 ? -1 : inner.bytes() + negative.bytes();
    }

    @Override
    public long shareBeginning(Session other, int length) {
      return 0;
    }

    @Override
    public void save(Path file, String tokenizer) {
      throw new UnsupportedOperationException("a guided session, which is two, cannot be saved");
    }

    @Override
    public void close() {
      try {
        super.close();
      } finally {
        negative.close();
      }
    }
  }
}

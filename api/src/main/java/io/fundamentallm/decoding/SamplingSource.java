package io.fundamentallm.decoding;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Logits, stages, choice and text, for one sequence or several side by side. */
final class SamplingSource extends SearchSource {
  private static final float[][] NO_ROWS = {};

  private final LanguageModel model;
  private final SamplingDecoder decoder;
  private final Lane first;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Append> pass = new ArrayList<>();

  private boolean started;

  SamplingSource(
      LanguageModel model,
      int[] prompt,
      DecodingOptions options,
      SamplingDecoder decoder,
      long seed) {
    this.model = model;
    this.decoder = decoder;
    long sequence = Math.multiplyExact(options.sequence(), (long) decoder.bestOf());
    Transcript transcript =
        Transcript.begin(model.info(), prompt, options, new Randomness(seed, sequence));
    float[] row = new float[model.info().vocabularySize()];
    first = new Lane(transcript, row, ContextWindow.of(model, options));
    first.window.add(prompt);
    lanes.add(first);
  }

  /** One sequence being written. */
  private final class Lane {
    final Transcript transcript;
    final ContextWindow window;
    final float[][] row;
    private boolean inPass;
    private double logProbability;

    Lane(Transcript transcript, float[] row, ContextWindow window) {
      this.transcript = transcript;
      this.row = new float[][] {row};
      this.window = window;
    }

    boolean isOver() {
      return transcript.finishReason() != null;
    }

    /** Takes a token that needs no model, or joins the pass; the policy may say to stop instead. */
    void prepare() {
      int forced =
          started && !transcript.reportsProbabilities() ? transcript.forced() : Sampler.NOT_FORCED;
      if (forced != Sampler.NOT_FORCED && !decoder.ranked()) {
        transcript.append(forced, window);
        return;
      }
      Append append = window.prepare(row, NO_ROWS);
      if (append == null) {
        transcript.finish(FinishReason.CONTEXT_FULL);
        return;
      }
      inPass = true;
      pass.add(append);
    }

    /** Chooses a token if the model has read. */
    void choose() {
      if (!inPass) {
        return;
      }
      inPass = false;
      float[] raw = decoder.ranked() ? row[0].clone() : row[0];
      int token = transcript.choose(row[0]);
      if (decoder.ranked()) {
        long position = transcript.history().length();
        logProbability += RowStatistics.of(raw, token, 0, position).logProbability();
      }
      transcript.append(token, window);
      if (isOver() && this != first) {
        window.close(); // the first is shared at the end
      }
    }

    /** The lane of another sequence, after the prompt. */
    Lane fork(int index) {
      Randomness own = transcript.randomness();
      Transcript other = transcript.fork(new Randomness(own.seed(), own.sequence() + index));
      // the window last: if there is no memory for the rest, there is none to close
      Lane lane = new Lane(other, row[0].clone(), window.fork());
      lane.inPass = true;
      return lane;
    }

    GeneratedSequence toSequence() {
      return transcript.toSequence(
          decoder.ranked() ? logProbability / transcript.tokens().size() : Double.NaN);
    }
  }

  /** Unless they are ranked at the end, the first sequence is delivered as it is written. */
  @Override
  public @Nullable Token next(Cancellation cancellation) {
    if (!decoder.ranked() && (started || !first.transcript.endsBeforeItBegins())) {
      while (!first.isOver()) {
        Token token = deliver(first.transcript.tokens());
        if (token != null) {
          return token;
        }
        step(cancellation);
      }
    }
    return super.next(cancellation);
  }

  @Override
  protected List<GeneratedSequence> search(Cancellation cancellation) {
    if (!started && first.transcript.endsBeforeItBegins()) {
      return finished();
    }
    while (!isOver()) {
      step(cancellation);
    }
    return finished();
  }

  /** One more token for each sequence that has not ended. */
  private void step(Cancellation cancellation) {
    pass.clear();
    for (int i = 0; i < lanes.size(); i++) {
      if (!lanes.get(i).isOver()) {
        lanes.get(i).prepare();
      }
    }
    if (pass.isEmpty()) {
      return;
    }
    model.forward(pass, cancellation);
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).inPass) {
        lanes.get(i).window.appended();
      }
    }
    if (!started) {
      started = true;
      first.window.share();
      for (int i = 1; i < decoder.bestOf(); i++) {
        lanes.add(first.fork(i));
      }
    }
    for (int i = 0; i < lanes.size(); i++) {
      lanes.get(i).choose();
    }
  }

  private boolean isOver() {
    for (int i = 0; i < lanes.size(); i++) {
      if (!lanes.get(i).isOver()) {
        return false;
      }
    }
    return true;
  }

  private List<GeneratedSequence> finished() {
    if (first.transcript.tokens().isEmpty()) {
      return Collections.nCopies(decoder.n(), first.toSequence()); // ended before it began
    }
    List<GeneratedSequence> all = new ArrayList<>();
    lanes.forEach(lane -> all.add(lane.toSequence()));
    if (decoder.ranked()) {
      all.sort(Comparator.comparingDouble(GeneratedSequence::score).reversed()); // stable
    }
    return List.copyOf(all.subList(0, Math.min(decoder.n(), all.size())));
  }

  @Override
  public int cachedTokens() {
    return first.window.cachedTokens();
  }

  @Override
  public void close() {
    try {
      if (isOver()) {
        first.window.share();
      }
    } finally {
      lanes.forEach(lane -> lane.window.close());
    }
  }
}

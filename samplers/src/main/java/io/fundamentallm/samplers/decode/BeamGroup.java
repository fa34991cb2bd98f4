package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.Append;
import java.util.ArrayList;
import java.util.List;

/** One beam: hypotheses that compete for the same places. */
final class BeamGroup implements AutoCloseable {
  private static final float[][] NO_ROWS = {};

  private final int width;
  private final int vocabularySize;
  private final Candidates candidates;
  private final HammingDiversity diversity;
  private final Hypotheses hypotheses;

  /** Best first; during a step, {@link #next} fills. */
  private List<Beam> live = new ArrayList<>();

  private List<Beam> next = new ArrayList<>();

  /** The logits of each place, [1][V]. */
  private final List<float[][]> rows = new ArrayList<>();

  BeamGroup(
      int width,
      int vocabularySize,
      Candidates candidates,
      HammingDiversity diversity,
      Hypotheses hypotheses) {
    this.width = width;
    this.vocabularySize = vocabularySize;
    this.candidates = candidates;
    this.diversity = diversity;
    this.hypotheses = hypotheses;
  }

  /** Begins with one hypothesis, for whose context the model gave these logits. */
  void begin(Beam root, float[] row) {
    live.add(root);
    rows.add(new float[][] {row.clone()});
  }

  boolean isOver() {
    return live.isEmpty();
  }

  Hypotheses hypotheses() {
    return hypotheses;
  }

  /** Each live hypothesis takes one more token, or ends, or makes room for a better one. */
  void step() {
    if (isOver()) {
      return;
    }
    long position = live.get(0).transcript().history().length();
    for (int i = 0; i < live.size(); i++) {
      offer(i);
    }
    List<Candidate> ranked = candidates.take(position);
    int places = 0;
    for (int rank = 0; rank < ranked.size() && places < width; rank++) {
      if (advance(ranked.get(rank), rank)) {
        places++;
      }
    }
    List<Beam> before = live;
    live = next;
    next = before;
    release(next);
    if (!live.isEmpty()) {
      int length = live.get(0).transcript().tokens().size();
      if (hypotheses.isDone(live.get(0).sum(), length)) {
        release(live);
      }
    }
  }

  /** The continuations of one hypothesis. */
  private void offer(int index) {
    Beam beam = live.get(index);
    Transcript transcript = beam.transcript();
    int forced = transcript.forced();
    if (forced != Sampler.NOT_FORCED) {
      if (transcript.reportsProbabilities()) {
        transcript.choose(row(index)[0]); // the forced token, with the row to report
      }
      candidates.offer(index, forced, beam.sum() + diversity.penalised(forced, 0), 0);
      return;
    }
    Logits logits = transcript.process(row(index)[0]);
    if (isDeadEnd(logits)) {
      return;
    }
    double logTotal = LogSoftmax.logTotal(logits);
    for (int i = 0; i < logits.count(); i++) {
      double logProbability = logits.score(i) - logTotal;
      if (logProbability > Double.NEGATIVE_INFINITY) {
        int token = logits.token(i);
        candidates.offer(
            index, token, beam.sum() + diversity.penalised(token, logProbability), logProbability);
      }
    }
  }

  private static boolean isDeadEnd(Logits logits) {
    for (int i = 0; i < logits.count(); i++) {
      if (logits.score(i) != Float.NEGATIVE_INFINITY) {
        return false;
      }
    }
    return logits.fallback().isEmpty();
  }

  /**
   * A candidate becomes a hypothesis, live or finished.
   *
   * @return whether it took a place; one that ends before the token limit takes none
   */
  private boolean advance(Candidate candidate, int rank) {
    Beam parent = live.get(candidate.beam());
    ContextWindow window = parent.window();
    int length = window.length();
    Transcript transcript = parent.transcript().fork(parent.transcript().randomness());
    transcript.recordProcessed(candidate.logProbability());
    transcript.append(candidate.token(), window);
    FinishReason reason = transcript.finishReason();
    boolean continues = reason == null || reason == FinishReason.MAX_NEW_TOKENS;
    if (continues) {
      diversity.choose(candidate.token());
    }
    if (reason == null) {
      next.add(new Beam(transcript, window.fork(), candidate.sum()));
    } else if (continues || rank < width) {
      hypotheses.add(transcript, candidate.sum());
    }
    window.truncate(length);
    return continues;
  }

  /** Adds what the model has to read; a hypothesis that the policy leaves no room ends as it is. */
  void prepare(List<Append> pass, List<ContextWindow> reading) {
    for (int i = 0; i < live.size(); i++) {
      Beam beam = live.get(i);
      Transcript transcript = beam.transcript();
      if (!transcript.reportsProbabilities() && transcript.forced() != Sampler.NOT_FORCED) {
        continue;
      }
      Append append = beam.window().prepare(row(i), NO_ROWS);
      if (append == null) {
        transcript.finish(FinishReason.CONTEXT_FULL);
        hypotheses.add(transcript, beam.sum());
        beam.window().close();
        live.remove(i--);
        continue;
      }
      pass.add(append);
      reading.add(beam.window());
    }
  }

  private float[][] row(int index) {
    while (rows.size() <= index) {
      rows.add(new float[1][vocabularySize]);
    }
    return rows.get(index);
  }

  private static void release(List<Beam> beams) {
    beams.forEach(beam -> beam.window().close());
    beams.clear();
  }

  @Override
  public void close() {
    release(live);
    release(next);
  }
}

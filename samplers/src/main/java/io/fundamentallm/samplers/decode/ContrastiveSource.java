package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.ContextWindow;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.decoding.TokenSource;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.internal.numerics.Exp;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the most probable tokens, and takes the one least like the text so far. */
final class ContrastiveSource implements TokenSource {
  private static final float[][] NO_ROWS = {};

  private final LanguageModel model;
  private final ContrastiveDecoder settings;
  private final Transcript transcript;
  private final Candidates best;

  /** The logits after the context. */
  private final float[][] row;

  private ContextWindow window;
  private ContextStates states = ContextStates.none();

  /** Holds no tokens: the states' memory is counted with it, whichever fork continues. */
  private @Nullable Session account;

  /** Whether the window holds tokens that the model has not read. */
  private boolean unread = true;

  private boolean started;

  /** Forks of the window, each with a candidate, while these are read. */
  private final List<Continuation> continuations = new ArrayList<>();

  /** The logits after each of them. */
  private final List<float[][]> rows = new ArrayList<>();

  ContrastiveSource(
      LanguageModel model,
      int[] prompt,
      DecodingOptions options,
      ContrastiveDecoder settings,
      long seed) {
    this.model = model;
    this.settings = settings;
    Randomness randomness = new Randomness(seed, options.sequence());
    transcript = Transcript.begin(model.info(), prompt, options, randomness);
    best = new BestCandidates(settings.k());
    row = new float[1][model.info().vocabularySize()];
    window = ContextWindow.of(model, options.contextPolicy());
    window.add(prompt);
  }

  /** A context to read, and the hidden states of what is read. */
  private static final class Reading {
    final ContextWindow window;
    private final Append plain;
    private float[][] hidden = {};

    private Reading(ContextWindow window, Append plain) {
      this.window = window;
      this.plain = plain;
    }

    /** Null if the context policy says to stop. */
    static @Nullable Reading of(ContextWindow window, float[][] rows) {
      Append plain = window.prepare(rows, NO_ROWS);
      return plain == null ? null : new Reading(window, plain);
    }

    /** How many tokens are read. */
    int fresh() {
      return plain.tokens().length;
    }

    float[] row() {
      return plain.logits()[0];
    }

    /**
     * Makes the request to read the context, with room for the states; call once they are counted.
     */
    Append append(int hiddenSize) {
      hidden = new float[fresh()][hiddenSize];
      return new Append(plain.session(), plain.tokens(), plain.logits(), hidden);
    }

    ContextStates statesAfter(ContextStates before) {
      window.appended();
      return before.after(window.length() - fresh(), window.evicted(), hidden);
    }
  }

  /** One candidate. */
  private record Continuation(Candidate candidate, Reading reading) {}

  @Override
  public @Nullable Token next(Cancellation cancellation) {
    if (transcript.endsBeforeItBegins()) {
      return null;
    }
    int forced =
        started && !transcript.reportsProbabilities() ? transcript.forced() : Sampler.NOT_FORCED;
    if (forced != Sampler.NOT_FORCED) {
      return append(forced);
    }
    if (unread && !read(cancellation)) {
      transcript.finish(FinishReason.CONTEXT_FULL);
      return null;
    }
    started = true;
    forced = transcript.forced();
    if (forced != Sampler.NOT_FORCED) {
      return append(transcript.choose(row[0]));
    }
    List<Candidate> candidates = candidates();
    Candidate mostLikely = candidates.get(0);
    if (candidates.size() == 1 || !prepare(candidates)) {
      transcript.recordProcessed(mostLikely.logProbability());
      return append(mostLikely.token());
    }
    return choose(cancellation);
  }

  /** Appends a token that the model reads later. */
  private Token append(int token) {
    unread = true;
    return transcript.append(token, window);
  }

  private boolean read(Cancellation cancellation) {
    Reading reading = Reading.of(window, row);
    if (reading == null) {
      return false;
    }
    count(states.size() + reading.fresh());
    model.forward(List.of(reading.append(model.info().hiddenSize())), cancellation);
    states = reading.statesAfter(states);
    count(states.size());
    unread = false;
    return true;
  }

  /** Counts this many states in the model's budget, before they are made. */
  private void count(int states) {
    Session session = account;
    if (session == null) {
      session = model.open();
      account = session;
    }
    session.reserve((long) states * model.info().hiddenSize() * Float.BYTES);
  }

  /** The most probable tokens, best first. */
  private List<Candidate> candidates() {
    Logits logits = transcript.process(row[0]);
    double logTotal = LogSoftmax.logTotal(logits);
    for (int i = 0; i < logits.count(); i++) {
      double logProbability = logits.score(i) - logTotal;
      if (logProbability > Double.NEGATIVE_INFINITY) {
        best.offer(0, logits.token(i), logProbability, logProbability);
      }
    }
    return best.take(transcript.history().length());
  }

  /** Forks for each candidate; false if the context policy leaves no room to read them. */
  private boolean prepare(List<Candidate> candidates) {
    for (Candidate candidate : candidates) {
      ContextWindow fork = window.fork();
      Reading reading = null;
      try {
        fork.add(candidate.token());
        // the policy's refusal is reported after this token, as when sampling
        reading = fork.admits() ? Reading.of(fork, rows(continuations.size())) : null;
      } finally {
        if (reading == null) {
          fork.close();
        }
      }
      if (reading == null) {
        release();
        return false;
      }
      continuations.add(new Continuation(candidate, reading));
    }
    return true;
  }

  private float[][] rows(int index) {
    while (rows.size() <= index) {
      rows.add(new float[1][model.info().vocabularySize()]);
    }
    return rows.get(index);
  }

  /** Reads all candidates in one pass, and continues with the best. */
  private Token choose(Cancellation cancellation) {
    int hiddenSize = model.info().hiddenSize();
    count(states.size() + continuations.stream().mapToInt(c -> c.reading.fresh()).sum());
    model.forward(
        continuations.stream().map(c -> c.reading.append(hiddenSize)).toList(), cancellation);
    Continuation chosen = continuations.get(0);
    ContextStates chosenStates = states;
    double highest = Double.NEGATIVE_INFINITY;
    for (Continuation continuation : continuations) {
      Candidate candidate = continuation.candidate;
      ContextStates after = continuation.reading.statesAfter(states);
      double score = settings.score(Exp.exp(candidate.logProbability()), after.similarityOfLast());
      if (score > highest || (score == highest && candidate.token() < chosen.candidate.token())) {
        highest = score;
        chosen = continuation;
        chosenStates = after;
      }
    }
    window.close();
    window = chosen.reading.window;
    continuations.remove(chosen);
    release();
    states = chosenStates;
    count(states.size());
    System.arraycopy(chosen.reading.row(), 0, row[0], 0, row[0].length);
    transcript.recordProcessed(chosen.candidate.logProbability());
    return transcript.append(chosen.candidate.token(), null);
  }

  private void release() {
    continuations.forEach(continuation -> continuation.reading.window.close());
    continuations.clear();
  }

  @Override
  public @Nullable FinishReason finishReason() {
    return transcript.finishReason();
  }

  @Override
  public List<GeneratedSequence> sequences() {
    return List.of(transcript.toSequence(Double.NaN));
  }

  @Override
  public void close() {
    try {
      release();
      window.close();
    } finally {
      if (account != null) {
        account.close();
        account = null;
      }
    }
  }
}
